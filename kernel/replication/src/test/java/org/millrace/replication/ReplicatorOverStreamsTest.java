package org.millrace.replication;

/** The same as {@link ReplicatorTest}, with several streams. */
class ReplicatorOverStreamsTest extends ReplicatorTest {
    @Override
    int streams() {
        return 3;
    }
}
