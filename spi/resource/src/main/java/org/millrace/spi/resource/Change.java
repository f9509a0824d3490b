package org.millrace.spi.resource;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.millrace.spi.content.Content;

/**
 * One accepted act on a path, as every subscriber sees it. One object is shared by all subscribers of all protocols;
 * it is immutable but for a cache of {@link #shared derived forms}.
 *
 * @since 0.1
 */
public final class Change {
    private static final VarHandle FORMS;

    static {
        try {
            FORMS = MethodHandles.lookup().findVarHandle(Change.class, "forms", Forms.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final ChangeKind kind;
    private final Path path;
    private final Version version;
    private final Cursor cursor;
    private final @Nullable Content content;
    private final @Nullable Content patch;
    private final Properties properties;
    private final Instant expiresAt;
    private final Qos qos;
    private final String source;
    private final boolean journaled;

    private volatile @Nullable Forms forms;

    private Change(Builder b) {
        this.kind = b.kind;
        this.path = b.path;
        this.version = b.version;
        this.cursor = b.cursor;
        this.content = b.content;
        this.patch = b.patch;
        this.properties = b.properties;
        this.expiresAt = b.expiresAt;
        this.qos = b.qos;
        this.source = b.source;
        this.journaled = b.journaled;
    }

    /**
     * Starts to describe a change. The host makes changes; plugins do so in tests only.
     *
     * @param kind what kind of act
     * @param path what was acted on
     * @param version the version it was given
     * @param cursor its place in the stream
     * @return a builder without content, properties, expiry or source
     */
    public static Builder of(ChangeKind kind, Path path, Version version, Cursor cursor) {
        return new Builder(kind, path, version, cursor);
    }

    /**
     * What kind of act this was.
     *
     * @return the kind
     */
    public ChangeKind kind() {
        return kind;
    }

    /**
     * What was acted on.
     *
     * @return the path
     */
    public Path path() {
        return path;
    }

    /**
     * The record's version after this change, or the event's own.
     *
     * @return the version
     */
    public Version version() {
        return version;
    }

    /**
     * This change's place in the stream. A subscriber that resumes after it sees what follows. An event that was never
     * journaled ({@link Durability#MEMORY}) carries the place of the last journaled change before it.
     *
     * @return the place
     */
    public Cursor cursor() {
        return cursor;
    }

    /**
     * The record after this change, merged in the case of a patch, or the event's message.
     *
     * @return empty for deletes and expiries
     */
    public Optional<Content> content() {
        return Optional.ofNullable(content);
    }

    /**
     * What was merged into the record.
     *
     * @return present for patches only
     */
    public Optional<Content> patch() {
        return Optional.ofNullable(patch);
    }

    /**
     * What travels beside the content.
     *
     * @return may be empty
     */
    public Properties properties() {
        return properties;
    }

    /**
     * When the record or event ceases to exist.
     *
     * @return {@link WriteOptions#NEVER} for never
     */
    public Instant expiresAt() {
        return expiresAt;
    }

    /**
     * The delivery guarantee the writer asked for.
     *
     * @return the guarantee
     */
    public Qos qos() {
        return qos;
    }

    /**
     * The client that caused this change, as {@link org.millrace.spi.identity.ConnectionInfo#clientId()} named it.
     * MQTT's no-local rests on it.
     *
     * @return empty if the client had no name
     */
    public String source() {
        return source;
    }

    /**
     * Whether this change has a place of its own in the stream, so that it can be found again behind a cursor.
     *
     * @return false for an event that was never journaled ({@link Durability#MEMORY}): its {@link #cursor} is another
     *     change's
     * @since 0.1
     */
    public boolean isJournaled() {
        return journaled;
    }

    /**
     * A derived form of this change, computed on first use and then shared.
     *
     * @param form which form
     * @param <T> its type
     * @return the form
     */
    public <T> T shared(SharedForm<T> form) {
        @Nullable T found = find(forms, form);
        return found != null ? found : add(form);
    }

    @SuppressWarnings("unchecked") // a form is only ever stored with its own result
    private static <T> @Nullable T find(@Nullable Forms from, SharedForm<T> form) {
        for (Forms f = from; f != null; f = f.next) {
            if (f.form == form) {
                return (T) f.value;
            }
        }
        return null;
    }

    private <T> T add(SharedForm<T> form) {
        T made = Objects.requireNonNull(form.make(this), "a shared form must not be null");
        while (true) {
            Forms seen = forms;
            @Nullable T other = find(seen, form);
            if (other != null) {
                return other;
            }
            if (FORMS.compareAndSet(this, seen, new Forms(form, made, seen))) {
                return made;
            }
        }
    }

    /** Forgets all derived forms. The host calls this when a plugin stops, so that its classes can be unloaded. */
    public void forgetShared() {
        forms = null;
    }

    /** Kind, path and version; never the content. */
    @Override
    public String toString() {
        return kind + " " + path + " " + version;
    }

    private record Forms(
            SharedForm<?> form, Object value, @Nullable Forms next) {}

    /**
     * Collects what a change carries. Not safe for use by several threads.
     *
     * @since 0.1
     */
    public static final class Builder {
        private final ChangeKind kind;
        private final Path path;
        private final Version version;
        private final Cursor cursor;
        private @Nullable Content content;
        private @Nullable Content patch;
        private Properties properties = Properties.NONE;
        private Instant expiresAt = WriteOptions.NEVER;
        private Qos qos = Qos.EXACTLY_ONCE;
        private String source = "";
        private boolean journaled = true;

        private Builder(ChangeKind kind, Path path, Version version, Cursor cursor) {
            this.kind = Objects.requireNonNull(kind);
            this.path = Objects.requireNonNull(path);
            this.version = Objects.requireNonNull(version);
            this.cursor = Objects.requireNonNull(cursor);
        }

        /**
         * Sets the record after the change, or the message.
         *
         * @param value the content
         * @return this builder
         */
        public Builder content(Content value) {
            this.content = value;
            return this;
        }

        /**
         * Sets what was merged.
         *
         * @param value the patch
         * @return this builder
         */
        public Builder patch(Content value) {
            this.patch = value;
            return this;
        }

        /**
         * Sets what travels beside the content.
         *
         * @param value the properties
         * @return this builder
         */
        public Builder properties(Properties value) {
            this.properties = value;
            return this;
        }

        /**
         * Sets when it ceases to exist.
         *
         * @param value an instant, or {@link WriteOptions#NEVER}
         * @return this builder
         */
        public Builder expiresAt(Instant value) {
            this.expiresAt = value;
            return this;
        }

        /**
         * Sets what the writer asked of delivery.
         *
         * @param value the guarantee
         * @return this builder
         */
        public Builder qos(Qos value) {
            this.qos = value;
            return this;
        }

        /**
         * Sets which client caused it.
         *
         * @param value the client's name, or empty
         * @return this builder
         */
        public Builder source(String value) {
            this.source = value;
            return this;
        }

        /**
         * Says that it is never journaled.
         *
         * @return this builder
         * @since 0.1
         */
        public Builder unjournaled() {
            this.journaled = false;
            return this;
        }

        /**
         * Makes the change.
         *
         * @return the change
         * @throws IllegalStateException if the content does not suit the kind
         */
        public Change build() {
            if (kind.removesRecord() != (content == null)) {
                throw new IllegalStateException(
                        kind + (content == null ? " needs a content" : " must not have a content"));
            }
            return new Change(this);
        }
    }
}
