/**
 * A protocol adapter as one writes it outside of Millrace: CoAP (RFC 7252) with observation (RFC 7641), blockwise transfer
 * (RFC 7959) and patches (RFC 8132), for devices that have UDP and little else.
 *
 * <p>Eclipse Californium, in the plugin's own jar, speaks the protocol: messages, retransmission, blocks. It expects a
 * socket of its own and gets {@link org.millrace.examples.coap.DatagramConnector}, which is the host's listener.
 * {@link org.millrace.examples.coap.CoapPlugin} puts both together; {@link org.millrace.examples.coap.Requests} turns a
 * request into an act on a record and its outcome into a response; {@link org.millrace.examples.coap.Observer} follows one
 * record for one client. All of it runs on the listener's one event loop.
 */
@NullMarked
package org.millrace.examples.coap;

import org.jspecify.annotations.NullMarked;
