import java.nio.ByteBuffer;
import java.util.List;

/** The newest fixes of a device in order: milliseconds, latitude, longitude, speed. */
final class Track {
  private static final int FIX_BYTES = 4 * Long.BYTES;
  private static final double MARGIN_MPS = 1.0;
  private static final double EARTH_RADIUS_M = 6_371_008.8;

  /** Appends fixes to the track and keeps the newest `kept` of them. */
  static byte[] add(byte[] track, List<Join.Fix> fixes, int kept) {
    int added = Math.min(fixes.size(), kept);
    int stays = Math.min(track.length, (kept - added) * FIX_BYTES);
    ByteBuffer longer = ByteBuffer.allocate(stays + added * FIX_BYTES);
    longer.put(track, track.length - stays, stays);
    for (Join.Fix fix : fixes.subList(fixes.size() - added, fixes.size())) {
      longer.putLong(fix.atMs()).putDouble(fix.latitude()).putDouble(fix.longitude()).putDouble(fix.speedMps());
    }
    return longer.array();
  }

  /** Returns whether the payment can be reached from every fix at its speed plus a margin. */
  static boolean allows(byte[] track, Join.Payment payment) {
    boolean allowed = true;
    for (ByteBuffer fixes = ByteBuffer.wrap(track); fixes.hasRemaining(); ) {
      double elapsedS = Math.abs(payment.timestamp() - fixes.getLong() / 1000.0);
      double awayM = distanceM(fixes.getDouble(), fixes.getDouble(), payment.latitude(), payment.longitude());
      allowed &= awayM <= (fixes.getDouble() + MARGIN_MPS) * elapsedS;
    }
    return allowed;
  }

  private static double distanceM(double latitude, double longitude, double toLatitude, double toLongitude) {
    double northing = Math.sin(Math.toRadians(toLatitude - latitude) / 2);
    double easting = Math.sin(Math.toRadians(toLongitude - longitude) / 2);
    double shrink = Math.cos(Math.toRadians(latitude)) * Math.cos(Math.toRadians(toLatitude));
    double squared = northing * northing + shrink * easting * easting;
    return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1.0, Math.sqrt(squared)));
  }
}
