// Shows a client certificate with rhea: node external.js PORT FOLDER ADDRESS BODY. Prints the outcome of sending.
const { readFileSync } = require('fs');
const [port, folder, address, body] = process.argv.slice(2);
const connection = require('rhea').create_container().connect({
  transport: 'tls',
  host: '127.0.0.1',
  port: Number(port),
  ca: [readFileSync(folder + '/ca.pem')],
  cert: readFileSync(folder + '/client.pem'),
  key: readFileSync(folder + '/client.key'),
  servername: 'localhost',
  rejectUnauthorized: true,
  enable_sasl_external: true,
  reconnect: false,
});
const sender = connection.open_sender(address);
sender.once('sendable', () => sender.send({ body }));
sender.on('accepted', () => {
  console.log('accepted');
  connection.close();
});
sender.on('sender_error', () => {
  console.log('refused ' + sender.error.condition);
  connection.close();
});
connection.on('disconnected', () => process.exit(0));
connection.on('connection_close', () => process.exit(0));
