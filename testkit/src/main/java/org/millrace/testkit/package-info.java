/**
 * What a plugin's author tests with.
 *
 * <p>{@link org.millrace.testkit.InMemoryHost} gives a plugin everything a host gives it: records in a sorted map,
 * subscriptions with demand and start positions, listeners on free loopback ports, configuration bound from a map. It
 * keeps the SPI's promises with the least code: one lock, no disk, every change kept for the life of the host. It is
 * for tests only; nothing in it is bounded. {@link org.millrace.testkit.Faults} makes it refuse, hold or saturate.
 * {@link org.millrace.testkit.ForwardingContext} is what a test overrides whose plugin is to see something else than the
 * host. {@link org.millrace.testkit.RawPeer} is the other side of the wire: a scripted socket that sends exact bytes and
 * expects exact bytes. {@link org.millrace.testkit.EmbeddedHost} is an unpacked distribution's host in the test's own JVM,
 * into which {@link org.millrace.testkit.PluginJar jars} are dropped; {@link org.millrace.testkit.junit} runs either kind
 * of host for the tests of a class.
 *
 * <pre>{@code
 * try (InMemoryHost host = InMemoryHost.create()) {
 *     host.start("http", new HttpPlugin(), Map.of("idle-timeout", "2s"));
 *     try (RawPeer peer = RawPeer.connect(host.address("http"))) {
 *         peer.send("GET /a/b HTTP/1.1\r\nHost: x\r\n\r\n");
 *         peer.expect("HTTP/1.1 404 Not Found\r\n");
 *     }
 * }
 * }</pre>
 */
@NullMarked
package org.millrace.testkit;

import org.jspecify.annotations.NullMarked;
