package org.millrace.replication;

/** The same as {@link WrongClusterTest}, with several streams. */
class WrongClusterOverStreamsTest extends WrongClusterTest {
    @Override
    int streams() {
        return 3;
    }
}
