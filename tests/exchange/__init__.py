"""Tests of files in and out of the hospital."""
