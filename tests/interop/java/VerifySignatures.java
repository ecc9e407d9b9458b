import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/**
 * Asks the JVM which certificates a key has signed. The argument is a file with one case a line: its name, the
 * certificate, the algorithm of the key, and the key's SubjectPublicKeyInfo, in base64 and apart by spaces. Prints one
 * line a case: its name, a tab, and "signed" or the exception.
 */
public class VerifySignatures {
    public static void main(String[] args) throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            String[] fields = line.split(" ");
            byte[] der = Base64.getDecoder().decode(fields[1]);
            X509Certificate certificate =
                    (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
            String said = "signed";
            try {
                byte[] info = Base64.getDecoder().decode(fields[3]);
                PublicKey key = KeyFactory.getInstance(fields[2]).generatePublic(new X509EncodedKeySpec(info));
                certificate.verify(key);
            } catch (Exception e) {
                said = e.toString();
            }
            System.out.println(fields[0] + "\t" + said);
        }
    }
}
