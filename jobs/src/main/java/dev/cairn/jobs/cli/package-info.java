/**
 * The verbs of the command line, one class each: each reads the arguments, calls one class of
 * another room, and prints. Every verb writes what was asked for to standard output and everything
 * else (progress beside {@code --json}, errors) to standard error.
 */
@NullMarked
package dev.cairn.jobs.cli;

import org.jspecify.annotations.NullMarked;
