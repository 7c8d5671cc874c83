package dev.cairn.checkpoint.store;

import dev.cairn.checkpoint.model.CheckpointException;
import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import org.apache.hadoop.hdfs.protocol.QuotaExceededException;
import org.apache.hadoop.ipc.RemoteException;

/** Turns errors of storage into one clear message: what, where, why, and what to do. */
final class StorageErrors {

  private StorageErrors() {}

  /** The exception to throw; one that is clear already is returned as it is. */
  static CheckpointException explain(String verb, String path, Exception raw) {
    if (raw instanceof CheckpointException clear) {
      return clear;
    }
    Exception cause = raw instanceof RemoteException remote ? remote.unwrapRemoteException() : raw;
    String start = "Cannot " + verb + " " + path + ": ";
    if (cause instanceof FileAlreadyExistsException
        || cause instanceof org.apache.hadoop.fs.FileAlreadyExistsException
        || named(cause, "AlreadyBeingCreatedException")) {
      return new CheckpointException.Conflict(
          start + "expected nothing there, found something that another attempt wrote", cause);
    }
    if (cause instanceof NoSuchFileException || cause instanceof FileNotFoundException) {
      return new CheckpointException.NotFound(
          start + "expected a file or folder, found nothing (or its folder is gone)", cause);
    }
    return new CheckpointException.Failed(start + remedy(cause), cause);
  }

  private static String remedy(Exception cause) {
    String said = firstLine(cause);
    String lower = said.toLowerCase(Locale.ROOT);
    if (cause instanceof QuotaExceededException || lower.contains("quota")) {
      return "the folder's quota is used up; raise it, or let fewer checkpoints be kept ("
          + said
          + ")";
    }
    if (named(cause, "SafeModeException") || lower.contains("safe mode")) {
      return "the namenode is in safe mode and takes no writes; wait until it has left it, or ask "
          + "its administrator ("
          + said
          + ")";
    }
    if (cause instanceof org.apache.hadoop.security.AccessControlException
        || cause instanceof java.nio.file.AccessDeniedException) {
      return "no permission; expected a folder that this user may write, so change its owner or "
          + "mode, or choose another folder ("
          + said
          + ")";
    }
    if (lower.contains("no space left") || lower.contains("not enough space")) {
      return "the disk is full; free some room or choose another folder (" + said + ")";
    }
    if (lower.contains("read-only file system")) {
      return "it cannot be written to; choose another folder, or let its disk be mounted for writing"
          + " ("
          + said
          + ")";
    }
    if (cause instanceof NotDirectoryException || lower.contains("not a directory")) {
      return "expected a folder, found a file there or above it; choose another folder ("
          + said
          + ")";
    }
    if (unreachable(cause)) {
      return "its file system cannot be reached; check the address and that the namenode runs ("
          + said
          + ")";
    }
    if (lower.contains("could only be written to 0")
        || (lower.contains("all datanodes") && lower.contains("are bad"))) {
      return "no datanode took the bytes; see whether datanodes are alive and have room ("
          + said
          + ")";
    }
    return said;
  }

  static boolean unreachable(Throwable cause) {
    return cause instanceof ConnectException
        || cause instanceof SocketTimeoutException
        || cause instanceof NoRouteToHostException
        || cause instanceof UnknownHostException
        || (cause.getCause() != null && unreachable(cause.getCause()));
  }

  private static boolean named(Throwable cause, String simpleName) {
    return cause.getClass().getSimpleName().equals(simpleName);
  }

  private static String firstLine(Throwable cause) {
    String message = cause.getMessage();
    String text = cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    int end = text.indexOf('\n');
    String line = end < 0 ? text : text.substring(0, end);
    return line.length() <= 300 ? line : line.substring(0, 300) + "...";
  }
}
