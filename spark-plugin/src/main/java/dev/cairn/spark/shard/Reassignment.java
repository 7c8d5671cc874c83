package dev.cairn.spark.shard;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The next owners of blocks, when owners come and go: a pure function of the present owners and the
 * members to come. Blocks that stay with their owner need not move; an owner gives blocks away only
 * if it has more than its share, and takes some only if it has less.
 *
 * <p>An owner may end up with several stretches of blocks, a shard each. When there come to be many
 * of them, the blocks are dealt anew in one stretch an owner.
 *
 * @param bounds n + 1 ascending block numbers: shard s owns {@code [bounds[s], bounds[s + 1])}
 * @param owners the position of each shard's owner among the members to come
 */
public record Reassignment(int[] bounds, int[] owners) {
  /** The most shards of an owner: more would be too many messages a step. */
  private static final int SHARDS_PER_OWNER = 4;

  private static final int NOBODY = -1;

  /**
   * Makes a plan.
   *
   * @param bounds the bounds of the present shards
   * @param owners the position of each present shard's owner among the members to come, -1 if it
   *     will not be there
   * @param members the number of members to come, at least 1
   * @param even whether owners with more than their share give blocks away; else all keep what they
   *     have and only blocks without an owner are dealt out
   */
  public static Reassignment plan(
      ParameterLayout layout, int[] bounds, int[] owners, int members, boolean even) {
    if (members < 1 || owners.length != bounds.length - 1) {
      throw new IllegalArgumentException(
          "Cannot deal blocks out: expected at least one member and an owner for each of "
              + (bounds.length - 1)
              + " shards, found "
              + members
              + " members and "
              + owners.length
              + " owners");
    }
    int[] ownerOf = new int[layout.blocks()];
    for (int s = 0; s < owners.length; s++) {
      Arrays.fill(ownerOf, bounds[s], bounds[s + 1], owners[s]);
    }
    Shares shares = new Shares(layout, ownerOf, members);
    if (even) {
      shares.giveAway();
    }
    shares.dealOut();
    Reassignment plan = stretches(ownerOf);
    return plan.owners.length <= SHARDS_PER_OWNER * members
        ? plan
        : inOneStretchEach(layout, ownerOf, members);
  }

  private static Reassignment stretches(int[] ownerOf) {
    List<Integer> bounds = new ArrayList<>(List.of(0));
    List<Integer> owners = new ArrayList<>();
    for (int b = 0; b < ownerOf.length; b++) {
      if (b > 0 && ownerOf[b] != ownerOf[b - 1]) {
        bounds.add(b);
      }
      if (owners.size() < bounds.size()) {
        owners.add(ownerOf[b]);
      }
    }
    bounds.add(ownerOf.length);
    return new Reassignment(toArray(bounds), toArray(owners));
  }

  private static int[] toArray(List<Integer> numbers) {
    return numbers.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * Makes balanced stretches; each goes to the member that has most of it, as far as that is free.
   */
  private static Reassignment inOneStretchEach(ParameterLayout layout, int[] ownerOf, int members) {
    int[] bounds = ShardAssignment.balanced(layout, 0, members).blockBounds();
    int[] owners = new int[members];
    Arrays.fill(owners, NOBODY);
    boolean[] taken = new boolean[members];
    for (int s = 0; s < members; s++) {
      int[] has = new int[members];
      for (int b = bounds[s]; b < bounds[s + 1]; b++) {
        has[ownerOf[b]]++;
      }
      for (int m = 0; m < members; m++) {
        if (has[m] > 0 && !taken[m] && (owners[s] == NOBODY || has[m] > has[owners[s]])) {
          owners[s] = m;
        }
      }
      if (owners[s] != NOBODY) {
        taken[owners[s]] = true;
      }
    }
    int next = 0;
    for (int s = 0; s < members; s++) {
      if (owners[s] == NOBODY) {
        while (taken[next]) {
          next++;
        }
        owners[s] = next;
        taken[next] = true;
      }
    }
    return new Reassignment(bounds, owners);
  }

  /** The sizes that members have, and the share of each. */
  private static final class Shares {
    private final ParameterLayout layout;
    private final int[] ownerOf;
    private final long[] has;
    private final long share;

    Shares(ParameterLayout layout, int[] ownerOf, int members) {
      this.layout = layout;
      this.ownerOf = ownerOf;
      this.has = new long[members];
      long all = 0;
      for (int b = 0; b < ownerOf.length; b++) {
        all += elements(b);
        if (ownerOf[b] != NOBODY) {
          has[ownerOf[b]] += elements(b);
        }
      }
      this.share = (all + members - 1) / members;
    }

    private int elements(int block) {
      return layout.block(block).elements();
    }

    /** Takes blocks from the end of an owner's, as long as it keeps its share. */
    void giveAway() {
      for (int b = ownerOf.length - 1; b >= 0; b--) {
        int owner = ownerOf[b];
        if (owner != NOBODY && elements(b) > 0 && has[owner] - elements(b) >= share) {
          has[owner] -= elements(b);
          ownerOf[b] = NOBODY;
        }
      }
    }

    /**
     * Gives blocks without an owner to the neighbour until that has its share, then to the member
     * that has least.
     */
    void dealOut() {
      int taker = NOBODY;
      for (int b = 0; b < ownerOf.length; b++) {
        if (ownerOf[b] == NOBODY) {
          if (taker == NOBODY || has[taker] + elements(b) / 2 > share) {
            taker = least();
          }
          ownerOf[b] = taker;
          has[taker] += elements(b);
        } else {
          taker = ownerOf[b];
        }
      }
    }

    private int least() {
      int least = 0;
      for (int m = 1; m < has.length; m++) {
        if (has[m] < has[least]) {
          least = m;
        }
      }
      return least;
    }
  }
}
