package org.millrace.replication;

/** The same as {@link CatchingUpTest}, with several streams. */
class CatchingUpOverStreamsTest extends CatchingUpTest {
    @Override
    int streams() {
        return 3;
    }
}
