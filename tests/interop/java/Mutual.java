import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** A client with an identity, and a server that demands one: both as an application makes them. */
final class Mutual {
    /**
     * A handshake and a request. The key is opened with the store's password, as an application does that knows one
     * password. The answer has the status line of the response, how many certificates the client sent, and the
     * exception where one came.
     */
    static String call(int port, String trust, String keys, String password, String manager, String protocol) {
        String status = "";
        int sent = 0;
        String failure = "";
        try {
            KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(manager);
            keyManagers.init(load(keys, password), password.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers.getKeyManagers(), trusting(trust, password), null);
            try (Socket plain = new Socket()) {
                plain.connect(new InetSocketAddress("127.0.0.1", port), 10_000);
                plain.setSoTimeout(10_000);
                try (SSLSocket socket =
                        (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", port, true)) {
                    socket.setEnabledProtocols(new String[] {protocol});
                    socket.startHandshake();
                    Certificate[] local = socket.getSession().getLocalCertificates();
                    sent = local == null ? 0 : local.length;
                    byte[] request = "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
                    socket.getOutputStream().write(request);
                    String line = new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1)).readLine();
                    status = line == null ? "" : line;
                }
            }
        } catch (Exception e) {
            failure = e.toString();
        }
        return "{\"status\":" + Peer.quoted(status) + ",\"sent\":" + sent + ",\"failure\":" + Peer.quoted(failure) + "}";
    }

    /** A server with `setNeedClientAuth`; its port. */
    static String demand(String keys, String trust, String password) throws Exception {
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("SunX509");
        keyManagers.init(load(keys, password), password.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trusting(trust, password), null);
        SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory()
            .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        server.setNeedClientAuth(true);
        Peer.SERVERS.put(server.getLocalPort(), server);
        Thread thread = new Thread(() -> {
            while (!server.isClosed()) {
                try {
                    SSLSocket connection = (SSLSocket) server.accept();
                    Thread each = new Thread(() -> answer(connection));
                    each.setDaemon(true);
                    each.start();
                } catch (IOException closed) {
                    return;
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        return "{\"port\":" + server.getLocalPort() + "}";
    }

    private static void answer(SSLSocket connection) {
        try (connection) {
            connection.setSoTimeout(10_000);
            connection.startHandshake();
            connection.getInputStream().read(new byte[4096]);
            connection.getOutputStream().write("HTTP/1.0 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException refused) {
            // The client reports what it saw.
        }
    }

    private static KeyStore load(String path, String password) throws Exception {
        return KeyStore.getInstance(new File(path), password.toCharArray());
    }

    private static TrustManager[] trusting(String path, String password) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(load(path, password));
        return trust.getTrustManagers();
    }

    private Mutual() {
    }
}
