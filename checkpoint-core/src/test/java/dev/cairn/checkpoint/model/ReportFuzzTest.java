package dev.cairn.checkpoint.model;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Any bytes as a shard's report (S65). */
class ReportFuzzTest {

  @FuzzTest(maxDuration = "10s")
  void anyBytes(byte[] data) {
    ShardReport report;
    try {
      report = ShardReport.decode(data);
    } catch (IllegalArgumentException expected) {
      return;
    }
    if (!ShardReport.decode(report.encode()).equals(report)) {
      throw new AssertionError("read " + report);
    }
  }
}
