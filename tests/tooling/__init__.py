"""Tests of the test servers themselves: the other tests lean on what is promised here."""
