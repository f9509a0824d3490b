"""Shows a client certificate with Qpid Proton: external.py PORT FOLDER ADDRESS BODY. Prints the outcome of sending."""
import sys

sys.path = [entry for entry in sys.path if not entry.endswith("/amqp")]  # a file there has the library's name
from proton import Message, SSLDomain  # noqa: E402
from proton.utils import BlockingConnection, LinkDetached  # noqa: E402

port, folder, address, body = sys.argv[1:5]
domain = SSLDomain(SSLDomain.MODE_CLIENT)
domain.set_credentials(folder + "/client.pem", folder + "/client.key", None)
domain.set_trusted_ca_db(folder + "/ca.pem")
domain.set_peer_authentication(SSLDomain.VERIFY_PEER)
connection = BlockingConnection(
    "amqps://127.0.0.1:" + port, ssl_domain=domain, allowed_mechs="EXTERNAL", timeout=20)
try:
    connection.create_sender(address).send(Message(body=body))
    print("accepted")
except LinkDetached as refused:
    print("refused " + refused.condition)
connection.close()
