"""Paho for Python in both versions of the protocol: QoS 0 to 2, a retained message, and properties."""
import sys
import threading
import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

port = int(sys.argv[1])
for name, version in (("3.1.1", mqtt.MQTTv311), ("5", mqtt.MQTTv5)):
    topic = "paho-python/" + name
    got = []
    complete = threading.Event()
    subscribed = threading.Event()

    def on_message(client, userdata, message):
        got.append((message.topic, message.payload, message.qos, message.retain))
        if len(got) == 4:
            complete.set()

    client = mqtt.Client(client_id="python" + name, protocol=version)
    client.on_message = on_message
    client.on_subscribe = lambda *args: subscribed.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.subscribe(topic + "/#", 2)
    assert subscribed.wait(20)
    properties = None
    if version == mqtt.MQTTv5:
        properties = Properties(PacketTypes.PUBLISH)
        properties.UserProperty = ("k", "v")
    for qos in range(3):
        client.publish(topic + "/q%d" % qos, "word%d" % qos, qos, properties=properties).wait_for_publish(20)
    client.publish(topic + "/kept", "state", 1, retain=True).wait_for_publish(20)
    assert complete.wait(20), got
    # Paho hands QoS 2 over at PUBREL, so what was sent after it can be handed over before it.
    got.sort()
    assert [m[1] for m in got] == [b"state", b"word0", b"word1", b"word2"], got
    assert [m[2] for m in got] == [1, 0, 1, 2], got
    client.disconnect()
    client.loop_stop()
    print(name, "ok")
