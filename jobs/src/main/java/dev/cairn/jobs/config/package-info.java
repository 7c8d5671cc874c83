/**
 * The configuration that a user may set. {@link dev.cairn.jobs.config.TrainConf} has every key of
 * {@code train}: its name, type, default, check and sentence. If an estimator or the plugin has the
 * same setting, these are that setting's. The table of {@code cairn help train}, the parser, the
 * error messages and {@code docs/settings.md} all come from there.
 *
 * <p>A value comes from three places, the later ones win: the defaults, the properties file, {@code
 * key=value} words on the command line. Spark's defaults, for keys that it has, too, come between
 * the first two. Every value is parsed and checked before anything starts; a key that does not
 * exist is refused with the nearest one that does. A relative path starts from the place where it
 * is written: from the folder of the properties file, or from the current folder for a word on the
 * command line. An absolute path without a scheme goes to Hadoop's default file system, as Spark
 * users expect; {@code ~} is the home folder.
 *
 * <p>A properties file is UTF-8. Text that its format would change silently is refused by its line
 * ({@link dev.cairn.jobs.config.PropertiesFile}).
 *
 * <p>Start with {@link dev.cairn.jobs.config.TrainConf}, then {@link
 * dev.cairn.jobs.config.TrainConfLoader}.
 */
@NullMarked
package dev.cairn.jobs.config;

import org.jspecify.annotations.NullMarked;
