package dev.cairn.checkpoint.commit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.concurrent.NamedThreads;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Fenced;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreOutput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The claim of the session that writes in a run's folder: a small file that names application,
 * machine and process, and is touched while its session lives.
 *
 * <p>It keeps a second driver from starting by mistake, and gc away from an attempt that is alive.
 * It is also the fence against a session that was taken for dead and wakes up. A session that takes
 * over deletes the other's file, then moves the other's attempts aside, then reads which checkpoint
 * is the newest. A session that commits makes its attempt's folder, later looks for its own file
 * ({@link #check}), then renames. So an attempt that passes the check was there before the file was
 * deleted, and is either committed before the takeover reads, or moved aside before its rename.
 *
 * <p>A session counts as alive if its file was touched within the timeout by the storage's clock,
 * unless its process can be seen to be dead: then it counts as dead at once. (The process can be
 * seen from the same boot of the same machine and the same container: elsewhere its number means
 * another process.) A session of the same application is superseded by the later one: a cluster
 * manager starts a driver anew under its old id.
 */
public final class OwnerLease implements Closeable {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final int HEARTBEATS_PER_TIMEOUT = 4;

  private final CheckpointStore store;
  private final String directory;
  private final String session;
  private final ScheduledExecutorService heartbeat;

  private OwnerLease(CheckpointStore store, String directory, String session, Duration timeout) {
    this.store = store;
    this.directory = directory;
    this.session = session;
    this.heartbeat = NamedThreads.clock("cairn-owner-" + session);
    long period = Math.max(1, timeout.toMillis() / HEARTBEATS_PER_TIMEOUT);
    var unused = heartbeat.scheduleAtFixedRate(this::touch, period, period, TimeUnit.MILLISECONDS);
  }

  /**
   * Claims the folder for this session, unless another living session has it.
   *
   * @throws Conflict naming the other one
   */
  public static OwnerLease claim(
      CheckpointStore store,
      String directory,
      String session,
      String applicationId,
      Duration timeout)
      throws IOException {
    String path = path(directory, session);
    announce(store, path, applicationId);
    // The own file comes first, so that of two who start together each sees the other; then the
    // smaller session goes on.
    for (StoredFile file : store.list(directory)) {
      Optional<String> other = CheckpointFileNames.ownerSession(file.name());
      if (other.isEmpty() || other.get().equals(session)) {
        continue;
      }
      Optional<String> who = alive(store, directory, file, applicationId, session, timeout, false);
      if (who.isPresent()) {
        var unused = store.delete(path);
        throw new Conflict(
            "Cannot write checkpoints: "
                + who.get()
                + " writes here already (path="
                + directory
                + "); stop it, wait "
                + timeout.toSeconds()
                + " s after its end, or use another folder");
      }
      // A file that was still empty is of a session that will see ours when it looks around.
      if (file.length() > 0) {
        var unused = store.delete(CheckpointFileNames.child(directory, file.name()));
      }
    }
    return new OwnerLease(store, directory, session, timeout);
  }

  private static void announce(CheckpointStore store, String path, String applicationId)
      throws IOException {
    try (StoreOutput out = store.create(path)) {
      out.write(ByteBuffer.wrap(describe(applicationId)));
    } catch (IOException e) {
      // Nobody must take the file of a session that never was for that of a living one.
      try {
        boolean unused = store.delete(path);
      } catch (IOException also) {
        e.addSuppressed(also);
      }
      throw e;
    }
  }

  /**
   * Passes only if this session still has the folder; to be called between the writing of an
   * attempt and its commit.
   *
   * @throws Fenced if another session has taken it over
   */
  public void check() throws IOException {
    if (store.stat(path(directory, session)).isEmpty()) {
      throw new Fenced(
          "Cannot commit checkpoint: another session has taken this folder over, expected the file "
              + CheckpointFileNames.owner(session)
              + ", found none (path="
              + directory
              + "); nothing of this one is committed any more: end it");
    }
  }

  private static String path(String directory, String session) {
    return CheckpointFileNames.child(directory, CheckpointFileNames.owner(session));
  }

  private static byte[] describe(String applicationId) throws IOException {
    ProcessHandle self = ProcessHandle.current();
    ObjectNode node = MAPPER.createObjectNode();
    node.put("application", applicationId).put("host", host()).put("pid", self.pid());
    node.put("processes", processes());
    node.put("processStarted", started(self)).put("since", Instant.now().toString());
    return (MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n")
        .getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  private static long started(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
  }

  /** Names the space in which process numbers mean the same; empty where that is not known. */
  private static String processes() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip()
          + " "
          + Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
    } catch (IOException | RuntimeException notLinux) {
      return "";
    }
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (IOException e) {
      return "localhost";
    }
  }

  /**
   * The living sessions of a folder, from the point of view of a session of the given application.
   *
   * @param applicationId empty for a mere visitor, to whom every living session counts
   * @param probe a file of the visitor's own may stand for the storage's clock; this session's name
   */
  public static Set<String> aliveSessions(
      CheckpointStore store, String directory, String applicationId, String probe, Duration timeout)
      throws IOException {
    Set<String> sessions = new HashSet<>();
    for (StoredFile file : store.list(directory)) {
      Optional<String> session = CheckpointFileNames.ownerSession(file.name());
      if (session.isPresent()
          && (session.get().equals(probe)
              || alive(store, directory, file, applicationId, probe, timeout, true).isPresent())) {
        sessions.add(session.get());
      }
    }
    return sessions;
  }

  /** The session's description, if the session is alive. */
  private static Optional<String> alive(
      CheckpointStore store,
      String directory,
      StoredFile file,
      String applicationId,
      String observer,
      Duration timeout,
      boolean halfWrittenCounts)
      throws IOException {
    @Nullable JsonNode owner;
    try {
      owner =
          MAPPER.readTree(
              CommittedCheckpoints.readAll(
                  store, CheckpointFileNames.child(directory, file.name())));
    } catch (NotFound gone) {
      return Optional.empty();
    } catch (com.fasterxml.jackson.core.JsonProcessingException halfWritten) {
      owner = null;
    }
    if (owner == null || !owner.isObject()) {
      // Its session has not claimed anything yet, and will see ours when it looks around.
      boolean young = age(store, directory, file, observer) < timeout.toMillis();
      return halfWrittenCounts && young ? Optional.of("a session that starts") : Optional.empty();
    }
    String application = owner.path("application").asText("");
    if (!application.isEmpty() && application.equals(applicationId)) {
      return Optional.empty();
    }
    String machine = owner.path("host").asText("");
    long pid = owner.path("pid").asLong(-1);
    boolean visible =
        machine.equals(host()) && owner.path("processes").asText("").equals(processes());
    long since = owner.path("processStarted").asLong();
    boolean dead =
        visible && ProcessHandle.of(pid).filter(p -> p.isAlive() && started(p) == since).isEmpty();
    return !dead && age(store, directory, file, observer) < timeout.toMillis()
        ? Optional.of("process " + pid + " on " + machine + " (application '" + application + "')")
        : Optional.empty();
  }

  /** Milliseconds since a file was touched, by the storage's clock if the observer has a file. */
  private static long age(CheckpointStore store, String directory, StoredFile file, String observer)
      throws IOException {
    String own = path(directory, observer);
    long now = store.stat(own).map(StoredFile::modifiedMillis).orElseGet(System::currentTimeMillis);
    return now - file.modifiedMillis();
  }

  private void touch() {
    try {
      store.touch(path(directory, session));
    } catch (IOException | RuntimeException e) {
      System.getLogger(OwnerLease.class.getName())
          .log(System.Logger.Level.DEBUG, "No sign of life for {0}: {1}", directory, e);
    }
  }

  /** Ends the session; a second call does nothing. */
  @Override
  public void close() throws IOException {
    if (heartbeat.isShutdown()) {
      return;
    }
    heartbeat.shutdownNow();
    store.delete(path(directory, session));
  }
}
