"""Sends or receives with Qpid Proton: proton.py PORT send ADDRESS BODY | proton.py PORT receive ADDRESS COUNT."""
import sys

sys.path = [entry for entry in sys.path if not entry.endswith("/amqp")]  # this file has the library's name
from proton import Message  # noqa: E402
from proton.utils import BlockingConnection  # noqa: E402

port, act, address, value = sys.argv[1:5]
connection = BlockingConnection("amqp://127.0.0.1:" + port, timeout=20)
if act == "send":
    connection.create_sender(address).send(Message(body=value))
    print("accepted")
else:
    receiver = connection.create_receiver(address, credit=10)
    print("ready", flush=True)
    for _ in range(int(value)):
        message = receiver.receive()
        receiver.accept()
        body = message.body
        print(message.annotations["x-opt-millrace-path"], body if isinstance(body, str) else bytes(body).decode())
connection.close()
