"""Messages to streets and to those above them: gathered from the marts, rendered, put into the outbox, sent."""
