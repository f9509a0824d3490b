// Sends or receives with rhea: node rhea.js PORT send ADDRESS BODY [op] | node rhea.js PORT record ADDRESS BODY |
// node rhea.js PORT receive ADDRESS COUNT
// PORT may be a WebSocket URL. Prints a line for each outcome or message, and "ready" once a receiver is attached.
const container = require('rhea').create_container();
const [port, act, address, value, operation] = process.argv.slice(2);
const connection = container.connect(
  port.startsWith('ws:')
    ? { connection_details: container.websocket_connect(require('ws'))(port, ['amqp'], {}), reconnect: false }
    : { host: '127.0.0.1', port: Number(port), reconnect: false });

if (act === 'send' || act === 'record') {
  const sender = connection.open_sender(act === 'record' ? { target: { address, capabilities: ['record'] } } : address);
  sender.once('sendable', () => {
    const message = { body: value, application_properties: { origin: 'rhea' } };
    if (operation) message.message_annotations = { 'x-opt-millrace-op': operation };
    sender.send(message);
  });
  for (const outcome of ['accepted', 'rejected', 'released', 'modified']) {
    sender.on(outcome, (context) => {
      const error = context.delivery.remote_state && context.delivery.remote_state.error;
      console.log(outcome + (error ? ' ' + error.condition : ''));
      connection.close();
    });
  }
  sender.on('sender_error', () => {
    console.log('error ' + sender.error.condition);
    connection.close();
  });
} else {
  let left = Number(value);
  const receiver = connection.open_receiver({ source: address });
  receiver.on('receiver_open', () => console.log('ready'));
  receiver.on('receiver_error', () => {
    console.log('error ' + receiver.error.condition);
    connection.close();
  });
  receiver.on('message', (context) => {
    const body = context.message.body;
    const bytes = body && body.content ? body.content : body;
    console.log(context.message.message_annotations['x-opt-millrace-path'] + ' ' + String(bytes));
    if (--left === 0) connection.close();
  });
}
connection.on('disconnected', () => process.exit(0));
connection.on('connection_close', () => process.exit(0));
