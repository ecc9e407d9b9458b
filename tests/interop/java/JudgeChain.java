import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiFunction;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLProtocolException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Asks the JVM's own trust manager about chains. The argument is a folder with one folder for each case:
 * chain.pem as a server would send it, trust.pem (the trust store, may be empty), and name, where there is
 * one; a file client says that a client shows the chain. Prints one line a case: its name, a tab, and "accepted" or the exception's class and message.
 *
 * A chain of more than ten is first shown in a handshake: a client refuses it before the trust manager sees it.
 *
 * The engine is a stand-in that is for ever in a TLS 1.3 handshake with the named host, so that chains can
 * be judged for which no server could sign.
 */
public class JudgeChain {
    public static void main(String[] args) throws Exception {
        TreeSet<Path> cases = new TreeSet<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(Path.of(args[0]))) {
            folders.forEach(cases::add);
        }
        for (Path folder : cases) {
            System.out.println(folder.getFileName() + "\t" + judge(folder).replace("\n", "\\n"));
        }
    }

    private static String judge(Path folder) throws Exception {
        X509Certificate[] chain = read(folder.resolve("chain.pem")).toArray(new X509Certificate[0]);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int alias = 0;
        for (Certificate certificate : read(folder.resolve("trust.pem"))) {
            store.setCertificateEntry("anchor" + alias++, certificate);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        X509ExtendedTrustManager manager = (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        Path name = folder.resolve("name");
        String host = Files.exists(name) ? Files.readString(name).trim() : null;
        try {
            if (Files.exists(folder.resolve("client"))) {
                manager.checkClientTrusted(chain, "UNKNOWN", new Engine(host));
            } else {
                receive(chain);
                manager.checkServerTrusted(chain, "UNKNOWN", new Engine(host));
            }
            return "accepted";
        } catch (Exception e) {
            return e.getClass().getName() + ": " + e.getMessage();
        }
    }

    /** A message that a client does not read to its end never comes to the trust manager: a server shows the chain to one. */
    private static void receive(X509Certificate[] chain) throws Exception {
        if (chain.length <= 10) {
            return;
        }
        KeyPairGenerator keys = KeyPairGenerator.getInstance(chain[0].getPublicKey().getAlgorithm());
        SSLContext shows = SSLContext.getInstance("TLS");
        shows.init(new KeyManager[] {new Shower(chain, keys.generateKeyPair().getPrivate())}, null, null);
        SSLContext reads = SSLContext.getInstance("TLS");
        reads.init(null, null, null);
        SSLEngine client = reads.createSSLEngine();
        client.setUseClientMode(true);
        SSLEngine server = shows.createSSLEngine();
        server.setUseClientMode(false);
        ByteBuffer toServer = ByteBuffer.allocate(1 << 17);
        ByteBuffer toClient = ByteBuffer.allocate(1 << 17);
        ByteBuffer nothing = ByteBuffer.allocate(0);
        ByteBuffer read = ByteBuffer.allocate(1 << 16);
        try {
            for (int round = 0; round < 100; round++) {
                client.wrap(nothing, toServer);
                toServer.flip();
                server.unwrap(toServer, read);
                toServer.compact();
                run(server);
                server.wrap(nothing, toClient);
                toClient.flip();
                client.unwrap(toClient, read);
                toClient.compact();
                run(client);
            }
        } catch (SSLProtocolException refused) {
            throw refused;
        } catch (SSLException later) {
            // Any other verdict is the trust manager's; the key is not that of the chain.
        }
    }

    private static void run(SSLEngine engine) {
        for (Runnable task; (task = engine.getDelegatedTask()) != null; ) {
            task.run();
        }
    }

    /** Has the chain, and a key of its kind. */
    private static final class Shower extends X509ExtendedKeyManager {
        private final X509Certificate[] chain;
        private final PrivateKey key;

        Shower(X509Certificate[] chain, PrivateKey key) {
            this.chain = chain;
            this.key = key;
        }

        @Override public String chooseEngineServerAlias(String type, Principal[] issuers, SSLEngine engine) {
            return type.equals(key.getAlgorithm()) ? "it" : null;
        }
        @Override public X509Certificate[] getCertificateChain(String alias) { return chain; }
        @Override public PrivateKey getPrivateKey(String alias) { return key; }
        @Override public String[] getClientAliases(String type, Principal[] issuers) { return null; }
        @Override public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) { return null; }
        @Override public String[] getServerAliases(String type, Principal[] issuers) { return null; }
        @Override public String chooseServerAlias(String type, Principal[] issuers, Socket socket) { return null; }
    }

    @SuppressWarnings("unchecked")
    private static Collection<X509Certificate> read(Path file) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length == 0) {
            return List.of();
        }
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        return new ArrayList<>(
                (Collection<X509Certificate>) factory.generateCertificates(new ByteArrayInputStream(bytes)));
    }

    private static final class Session extends ExtendedSSLSession {
        private final String host;

        Session(String host) {
            this.host = host;
        }

        @Override public String[] getLocalSupportedSignatureAlgorithms() {
            return new String[] {
                "SHA256withECDSA", "SHA384withECDSA", "SHA512withECDSA", "Ed25519", "Ed448", "RSASSA-PSS",
                "SHA256withRSA", "SHA384withRSA", "SHA512withRSA", "SHA256withDSA", "SHA224withECDSA",
                "SHA224withRSA", "SHA224withDSA", "SHA1withECDSA", "SHA1withRSA", "SHA1withDSA"};
        }
        @Override public String[] getPeerSupportedSignatureAlgorithms() { return new String[0]; }
        @Override public List<SNIServerName> getRequestedServerNames() {
            boolean named = host != null && host.matches("[A-Za-z0-9.-]*[A-Za-z][A-Za-z0-9.-]*")
                    && host.contains(".");
            return named ? List.of(new SNIHostName(host)) : List.of();
        }
        @Override public List<byte[]> getStatusResponses() { return List.of(); }
        @Override public byte[] getId() { return new byte[0]; }
        @Override public SSLSessionContext getSessionContext() { return null; }
        @Override public long getCreationTime() { return 0; }
        @Override public long getLastAccessedTime() { return 0; }
        @Override public void invalidate() { }
        @Override public boolean isValid() { return true; }
        @Override public void putValue(String name, Object value) { }
        @Override public Object getValue(String name) { return null; }
        @Override public void removeValue(String name) { }
        @Override public String[] getValueNames() { return new String[0]; }
        @Override public Certificate[] getPeerCertificates() { return new Certificate[0]; }
        @Override public Certificate[] getLocalCertificates() { return null; }
        @Override public Principal getPeerPrincipal() { return null; }
        @Override public Principal getLocalPrincipal() { return null; }
        @Override public String getCipherSuite() { return "TLS_AES_256_GCM_SHA384"; }
        @Override public String getProtocol() { return "TLSv1.3"; }
        @Override public String getPeerHost() { return host; }
        @Override public int getPeerPort() { return 443; }
        @Override public int getPacketBufferSize() { return 16709; }
        @Override public int getApplicationBufferSize() { return 16704; }
    }

    private static final class Engine extends SSLEngine {
        private final Session session;

        Engine(String host) {
            session = new Session(host);
        }

        @Override public SSLSession getHandshakeSession() { return session; }
        @Override public SSLParameters getSSLParameters() {
            SSLParameters parameters = new SSLParameters();
            if (session.getPeerHost() != null) {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }
            return parameters;
        }
        @Override public SSLEngineResult wrap(ByteBuffer[] from, int offset, int length, ByteBuffer to) {
            return null;
        }
        @Override public SSLEngineResult unwrap(ByteBuffer from, ByteBuffer[] to, int offset, int length) {
            return null;
        }
        @Override public Runnable getDelegatedTask() { return null; }
        @Override public void closeInbound() { }
        @Override public boolean isInboundDone() { return false; }
        @Override public void closeOutbound() { }
        @Override public boolean isOutboundDone() { return false; }
        @Override public String[] getSupportedCipherSuites() { return new String[0]; }
        @Override public String[] getEnabledCipherSuites() { return new String[0]; }
        @Override public void setEnabledCipherSuites(String[] suites) { }
        @Override public String[] getSupportedProtocols() { return new String[0]; }
        @Override public String[] getEnabledProtocols() { return new String[0]; }
        @Override public void setEnabledProtocols(String[] protocols) { }
        @Override public SSLSession getSession() { return session; }
        @Override public void beginHandshake() { }
        @Override public SSLEngineResult.HandshakeStatus getHandshakeStatus() { return null; }
        @Override public void setUseClientMode(boolean mode) { }
        @Override public boolean getUseClientMode() { return true; }
        @Override public void setNeedClientAuth(boolean need) { }
        @Override public boolean getNeedClientAuth() { return false; }
        @Override public void setWantClientAuth(boolean want) { }
        @Override public boolean getWantClientAuth() { return false; }
        @Override public void setEnableSessionCreation(boolean flag) { }
        @Override public boolean getEnableSessionCreation() { return true; }
        @Override public String getApplicationProtocol() { return ""; }
        @Override public String getHandshakeApplicationProtocol() { return ""; }
        @Override public void setHandshakeApplicationProtocolSelector(
                BiFunction<SSLEngine, List<String>, String> selector) { }
    }
}
