import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Arrays;
import java.util.Collections;

/**
 * The JVM's side of stores.sh.
 *
 * <p>{@code load TYPE FILE WARM_UP ROUNDS}: the median time of {@code KeyStore.load} in microseconds, from memory,
 * after so many rounds that do not count. {@code convert TYPE FILE TYPE FILE}: writes the same entries in another
 * format. The password is {@code changeit}.
 */
public final class LoadTime {
    private static final char[] PASSWORD = "changeit".toCharArray();

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("convert")) {
            convert(arguments[1], arguments[2], arguments[3], arguments[4]);
            return;
        }
        byte[] bytes = Files.readAllBytes(Path.of(arguments[2]));
        int warmUp = Integer.parseInt(arguments[3]);
        long[] times = new long[Integer.parseInt(arguments[4])];
        int entries = 0;
        for (int round = -warmUp; round < times.length; round++) {
            long start = System.nanoTime();
            KeyStore store = KeyStore.getInstance(arguments[1]);
            store.load(new ByteArrayInputStream(bytes), PASSWORD);
            long took = System.nanoTime() - start;
            entries = store.size();
            if (round >= 0) {
                times[round] = took;
            }
        }
        Arrays.sort(times);
        System.out.println(times[times.length / 2] / 1000 + " " + entries);
    }

    private static void convert(String fromType, String from, String toType, String to) throws Exception {
        KeyStore source = KeyStore.getInstance(fromType);
        try (InputStream in = new FileInputStream(from)) {
            source.load(in, PASSWORD);
        }
        KeyStore target = KeyStore.getInstance(toType);
        target.load(null, null);
        for (String alias : Collections.list(source.aliases())) {
            target.setCertificateEntry(alias, source.getCertificate(alias));
        }
        try (OutputStream out = new FileOutputStream(to)) {
            target.store(out, PASSWORD);
        }
    }
}
