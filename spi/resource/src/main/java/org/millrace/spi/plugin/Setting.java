package org.millrace.spi.plugin;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes a component of a configuration record. The component {@code maxPacketSize} becomes the key
 * {@code max-packet-size} in the plugin's section. Components may be {@code int}, {@code long}, {@code boolean},
 * {@code String}, an enum, {@link java.time.Duration} ({@code 30s}, {@code 5m}, {@code 250ms}),
 * {@link java.nio.file.Path}, {@link ByteSize} ({@code 64KiB}, {@code 1MiB}), a {@link java.util.List} of these, or
 * another record, whose keys then stand under the component's name, or beside the others with {@link #inline()}.
 *
 * @since 0.1
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
    /**
     * What the setting means, in one sentence for the operator.
     *
     * @return shown in documents and error messages
     */
    String doc() default "";

    /**
     * The value where none is set, as it would be written in the file. A list's items are parted by commas.
     *
     * @return empty for the empty string or list, or for zero
     */
    String value() default "";

    /**
     * The smallest number allowed.
     *
     * @return inclusive; for durations in milliseconds, for sizes in bytes
     */
    long min() default Long.MIN_VALUE;

    /**
     * The largest number allowed.
     *
     * @return inclusive; for durations in milliseconds, for sizes in bytes
     */
    long max() default Long.MAX_VALUE;

    /**
     * Whether a record's keys stand beside those of the record that holds it.
     *
     * @return true to leave the component's own name away
     */
    boolean inline() default false;
}
