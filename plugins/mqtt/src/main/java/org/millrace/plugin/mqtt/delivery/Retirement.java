package org.millrace.plugin.mqtt.delivery;

/**
 * What a subscription that its client has ended still has to do for the others of the client. Of the subscriptions that
 * a change matches the oldest delivers it and the others pass it by. What they have passed by is therefore owed by the
 * one that ends; and what it has delivered must not be delivered by those that come to it later.
 *
 * @param upTo the position up to which its changes are its own: the furthest of the client's subscriptions when it ended
 * @param lastNumber the number of the newest subscription of that time; later ones are owed nothing
 */
public record Retirement(long upTo, int lastNumber) {}
