/**
 * The Resource SPI: what a protocol plugin sees of Millrace. It has no dependencies.
 *
 * <p>Start with {@link org.millrace.spi.plugin.Plugin}, then {@link org.millrace.spi.resource.Resources}.
 */
module org.millrace.spi {
    requires static transitive org.jspecify;

    exports org.millrace.spi.content;
    exports org.millrace.spi.identity;
    exports org.millrace.spi.plugin;
    exports org.millrace.spi.resource;
}
