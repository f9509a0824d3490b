package org.millrace.spi.resource;

import java.util.function.Function;

/**
 * A derived form of a {@link Change} that all its subscribers share, for example the bytes of a protocol frame. Make
 * one constant per form and pass it to {@link Change#shared}.
 *
 * <p>The form is computed on first use, possibly by two threads at once, of which one result is kept. It lives as long
 * as the change and is dropped with it, so it must need no release: use unpooled buffers.
 *
 * @param <T> what the form is made of; must be safe for use by several threads
 * @since 0.1
 */
public final class SharedForm<T> {
    private final String name;
    private final Function<Change, T> make;

    /**
     * Describes a form.
     *
     * @param name for diagnosis
     * @param make computes the form; must not block, and gives equal results for equal changes
     */
    public SharedForm(String name, Function<Change, T> make) {
        this.name = name;
        this.make = make;
    }

    T make(Change change) {
        return make.apply(change);
    }

    /** The form's name. */
    @Override
    public String toString() {
        return name;
    }
}
