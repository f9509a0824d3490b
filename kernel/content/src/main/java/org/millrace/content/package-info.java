/**
 * What records hold: bytes that are JSON, CBOR or MessagePack, or opaque.
 *
 * <p>{@link org.millrace.content.ContentFormats} makes every content of the host. It checks declared formats in one pass,
 * detects JSON where nothing is declared, and applies patches. A content keeps the publisher's bytes; asked for another
 * format it is transcoded once, token by token, and keeps the result. {@link org.millrace.content.Document} and
 * {@link org.millrace.content.AttributeSelection} look into contents for queries and indexes, and give
 * {@link org.millrace.content.Value values} that compare alike whatever format they came in.
 *
 * <p>Inside, a {@code ValueReader} walks over a format and a {@code ValueWriter} writes one; everything else works on
 * these two. JSON is read and written by Jackson. CBOR and MessagePack are read and written here: the libraries' parsers
 * skip text without checking that it is UTF-8, and have no tokens for what the table below tells apart (unsigned 64-bit
 * and half-precision numbers, undefined, tags, extensions, keys that are no text). The tests compare with them. A patch
 * opens its base only on the way to what it changes ({@code PatchTree}) and copies the rest as bytes.
 *
 * <h2>What is accepted</h2>
 *
 * <ul>
 *   <li>Exactly one value, nothing behind it: no CBOR sequences (RFC 8742), no JSON lines.
 *   <li>JSON to the letter of RFC 8259, in UTF-8, without a byte order mark. Beyond the RFC, an escape that is half a
 *       surrogate pair is refused, as in RFC 7493 section 2.1: no other format can say it. Names that come twice are
 *       accepted.
 *   <li>CBOR that is well-formed by RFC 8949, with definite and indefinite lengths, any tags and any order or repetition
 *       of keys. MessagePack of the specification of 2017. In both, text is UTF-8 and keys are scalars.
 *   <li>Nesting to {@link org.millrace.content.ContentLimits#maxDepth()}, numbers of at most
 *       {@value org.millrace.content.ContentLimits#MAX_DIGITS} digits.
 * </ul>
 *
 * <h2>What the formats do not say alike</h2>
 *
 * <p>The same format is always given byte for byte. Between formats:
 *
 * <table>
 *   <caption>Conversion between formats</caption>
 *   <thead>
 *     <tr><th>Source</th><th>to JSON</th><th>to CBOR</th><th>to MessagePack</th></tr>
 *   </thead>
 *   <tbody>
 *     <tr><td>integer from -2<sup>63</sup> to 2<sup>64</sup>-1</td><td>same</td><td>same</td><td>same</td></tr>
 *     <tr><td>integer beyond</td><td>same, all digits</td><td>same; bignum from 2<sup>64</sup> on</td>
 *         <td>text of its digits</td></tr>
 *     <tr><td>JSON number with fraction or exponent</td><td></td><td>nearest float64 (RFC 8949 section 6.2)</td>
 *         <td>nearest float64</td></tr>
 *     <tr><td>the same, beyond float64's range</td><td></td><td>decimal fraction (tag 4), exact</td>
 *         <td>its text</td></tr>
 *     <tr><td>the same, with an exponent beyond 10<sup>9</sup></td><td></td><td>its text</td><td>its text</td></tr>
 *     <tr><td>CBOR decimal fraction (tag 4)</td><td>same, all digits</td><td></td>
 *         <td>nearest float64 up to 17 digits or if exact; else its text</td></tr>
 *     <tr><td>float16, float32</td><td>the same number, as float64 prints it</td><td>float32</td><td>float32</td></tr>
 *     <tr><td>-0.0</td><td>-0.0</td><td>-0.0</td><td>-0.0</td></tr>
 *     <tr><td>JSON's integer -0</td><td></td><td>0</td><td>0</td></tr>
 *     <tr><td>NaN, infinities</td><td>null (RFC 8949 section 6.1)</td><td>same</td><td>same</td></tr>
 *     <tr><td>binary</td><td>text: base64url without padding (RFC 8949 section 6.1)</td><td>same</td><td>same</td></tr>
 *     <tr><td>CBOR undefined, unassigned simple value</td><td>null</td><td></td><td>nil</td></tr>
 *     <tr><td>CBOR tag other than 2, 3, 4</td><td>the tagged value; the tag is dropped</td><td></td>
 *         <td>the tagged value</td></tr>
 *     <tr><td>MessagePack timestamp, years 0 to 9999</td><td>text of RFC 3339, UTC</td><td>the same text, tag 0</td>
 *         <td></td></tr>
 *     <tr><td>MessagePack extension, other timestamps</td><td>{@code {"type": 5, "data": binary}}</td>
 *         <td>the same map</td><td></td></tr>
 *     <tr><td>key that is an integer</td><td>its digits</td><td>same; text beyond 64 bits signed</td>
 *         <td>same; text beyond 64 bits signed</td></tr>
 *     <tr><td>key that is another scalar</td><td>its text as above; {@code null}, {@code true}, {@code 1.5}</td>
 *         <td>the same text</td><td>the same text</td></tr>
 *     <tr><td>names that come twice</td><td>all kept</td><td>all kept</td><td>all kept</td></tr>
 *   </tbody>
 * </table>
 *
 * <p>Where a value is looked into, of names that come twice the last counts; a patch keeps only the last in each map it
 * reaches into, and drops the CBOR tags of a map or array it reaches into.
 */
@NullMarked
package org.millrace.content;

import org.jspecify.annotations.NullMarked;
