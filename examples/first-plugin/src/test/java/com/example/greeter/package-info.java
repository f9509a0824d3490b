/** Tests of the plugin: in a host in memory, against the contract of all plugins, and packed in a real host. */
@NullMarked
package com.example.greeter;

import org.jspecify.annotations.NullMarked;
