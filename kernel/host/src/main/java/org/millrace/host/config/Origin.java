package org.millrace.host.config;

/** Where a value was set. Its text completes a sentence: "unknown key mqtt.prot <em>at conf/millrace.yaml:12</em>". */
public sealed interface Origin {
    /**
     * A line of the configuration file.
     *
     * @param file as it was named to the host
     * @param line counted from 1
     */
    record File(String file, int line) implements Origin {
        @Override
        public String toString() {
            return "at " + file + ":" + line;
        }
    }

    /**
     * An environment variable.
     *
     * @param name the variable
     */
    record Environment(String name) implements Origin {
        @Override
        public String toString() {
            return "in environment variable " + name;
        }
    }

    /**
     * An option of the command line.
     *
     * @param key the key it sets
     */
    record Option(String key) implements Origin {
        @Override
        public String toString() {
            return "in --set " + key;
        }
    }

    /** Nowhere: the default. */
    record Default() implements Origin {
        @Override
        public String toString() {
            return "by default";
        }
    }
}
