/**
 * The control plane in virtual time: coordinator, liveness, membership, recovery, shard hosts, step
 * clock, saves, the commit and the training run, all of them the real classes, in one thread and
 * without sleeping, over a network and a storage that fail in every way we could think of.
 *
 * <p>What is real and what is not. {@link dev.cairn.spark.simulation.World} is the time: a queue of
 * events, each of which belongs to a process; whoever waits pumps it. {@link
 * dev.cairn.spark.simulation.Network} stands for {@code ShardClient} and {@code ShardServer},
 * {@link dev.cairn.checkpoint.MemoryStore} for the file system, {@link
 * dev.cairn.spark.simulation.Job} for Spark's job and the waiting of its tasks ({@code
 * SegmentRunner} and {@code StepLoop}; the steps are {@code TaskSteps}, the real ones), {@link
 * dev.cairn.spark.simulation.Driver} for plugin and {@code Trainer}, which put the parts together.
 * {@link dev.cairn.spark.simulation.Workload} is a model of a few rows whose undisturbed result is
 * known for each step. All else is the product.
 *
 * <p>What must come out. {@link dev.cairn.spark.simulation.Oracle}: every checkpoint that is
 * committed is, bit for bit, the undisturbed result of its step, says so in its manifest, and never
 * changes; the last one is of the last step; the next start clears what the dead have left; no call
 * is left without an answer. {@link dev.cairn.spark.simulation.Executor} compares what can be seen
 * of a host before and after each message of an older generation. {@link
 * dev.cairn.spark.simulation.Simulation} judges whether a run that gave up had a reason to. {@code
 * MistakesTest} shows that all this bites.
 *
 * <p>To replay a failure: {@code mvn -pl spark-plugin -am test -Dtest=SimulationTest
 * -Dsurefire.failIfNoSpecifiedTests=false -Dcairn.sim.seed=SEED}; the trace is in the test's output
 * file. To run many: {@code mvn -Psimulation -pl spark-plugin -am test}, a million unless {@code
 * -Dcairn.sim.schedules=} says otherwise.
 *
 * <p>To read a trace: one line is one event, with the milliseconds of virtual time in front. {@code
 * driver-0 -> executor-2 Freeze[...]} is a message that arrives ({@code again} when it is a
 * double), {@code driver-0 <- executor-2 Frozen[...]} an answer other than {@code Done} that
 * arrives; exchanges within one executor are not shown. {@code FAULT} lines say what goes wrong.
 * Lines with a process and a path are calls to storage. Find {@code FAILURE}, then go back to the
 * last {@code FAULT} before it. Events of one schedule follow from its seed alone, so another
 * {@code log} in the code changes nothing; anything that draws a random number does, and then the
 * seed stands for another schedule: find the failure again by running some thousand seeds.
 *
 * <p>To add a fault: name it in {@code Faults.Kind} with its weight, and say in {@code Faults.fire}
 * what it does to the driver or the victim. If it may end a run for a good reason, let {@code
 * Simulation.judge} know. To add a mistake: override a method of {@link
 * dev.cairn.spark.simulation.Mistake}, and add it to {@code MistakesTest}.
 */
package dev.cairn.spark.simulation;
