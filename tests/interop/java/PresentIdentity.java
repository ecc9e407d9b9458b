import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * A JSSE client that answers a request for a certificate as its key manager chooses. Arguments: port, protocol, the
 * authority to trust (PEM), and the keystore with its password, or "-" for none. It prints the first line of the
 * answer, or the exception.
 */
public final class PresentIdentity {
    public static void main(String[] arguments) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream bytes = Files.newInputStream(Path.of(arguments[2]))) {
            trusted.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(bytes));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyManager[] keys = null;
        if (!arguments[3].equals("-")) {
            char[] password = arguments[4].toCharArray();
            KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(KeyStore.getInstance(new File(arguments[3]), password), password);
            keys = factory.getKeyManagers();
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), null);
        int port = Integer.parseInt(arguments[0]);
        try (Socket plain = new Socket("127.0.0.1", port);
                SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", port, true)) {
            socket.setSoTimeout(10_000);
            socket.setEnabledProtocols(new String[] {arguments[1]});
            OutputStream out = socket.getOutputStream();
            out.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            System.out.println(answer.lines().findFirst().orElse("nothing"));
        } catch (IOException e) {
            System.out.println(e);
        }
    }
}
