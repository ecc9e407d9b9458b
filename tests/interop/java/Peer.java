import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * Java's own word on keystores and chains, for the interop tests: one JVM that answers many requests,
 * because starting one costs half a second.
 *
 * A request is a line of fields, each percent-encoded, between tabs; the first is the verb. The answer is one
 * line of JSON. A field "-" stands for no value where the verb allows that.
 */
public final class Peer {
    static final Map<Integer, SSLServerSocket> SERVERS = new HashMap<>();

    public static void main(String[] ignored) throws Exception {
        PrintStream answers = System.out;
        InputStream requests = System.in;
        System.setOut(System.err);
        BufferedReader lines = new BufferedReader(new InputStreamReader(requests, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] fields = line.split("\t", -1);
            for (int i = 0; i < fields.length; i++) {
                fields[i] = URLDecoder.decode(fields[i], StandardCharsets.UTF_8);
            }
            String answer;
            try {
                answer = answer(fields);
            } catch (Throwable thrown) {
                answer = "{\"error\":" + quoted(thrown.toString()) + "}";
            }
            answers.println(answer);
            answers.flush();
        }
        System.exit(0);
    }

    private static String answer(String[] fields) throws Exception {
        switch (fields[0]) {
            case "version": return "{\"version\":" + quoted(System.getProperty("java.version")) + "}";
            case "list": return list(fields[1], password(fields[2]), password(fields[3]));
            case "use": return use(fields[1], password(fields[2]), password(fields[3]));
            case "lower": return lower(java.util.Arrays.copyOfRange(fields, 1, fields.length));
            case "keytool": return keytool(fields[1], java.util.Arrays.copyOfRange(fields, 2, fields.length));
            case "serve": return serve(fields[1], fields[2]);
            case "stop": return stop(Integer.parseInt(fields[1]));
            case "connect": return connect(fields[1], Integer.parseInt(fields[2]), fields[3], password(fields[4]));
            case "present": return present(Integer.parseInt(fields[1]), fields[2], password(fields[3]), fields[4]);
            case "call": return Mutual.call(Integer.parseInt(fields[1]), fields[2], fields[3], fields[4], fields[5], fields[6]);
            case "demand": return Mutual.demand(fields[1], fields[2], fields[3]);
            default: throw new IllegalArgumentException("no such verb: " + fields[0]);
        }
    }

    /** Texts in the form under which keystores keep aliases. */
    private static String lower(String[] texts) {
        StringBuilder lowered = new StringBuilder();
        for (String text : texts) {
            lowered.append(lowered.length() == 0 ? "" : ",").append(quoted(text.toLowerCase(java.util.Locale.ENGLISH)));
        }
        return "{\"lower\":[" + lowered + "]}";
    }

    private static char[] password(String field) {
        return field.equals("-") ? null : field.toCharArray();
    }

    /** What java.security.KeyStore shows of a file, its format found as KeyStore finds it. */
    private static String list(String path, char[] password, char[] keyPassword) throws Exception {
        KeyStore store = KeyStore.getInstance(new File(path), password);
        List<String> aliases = Collections.list(store.aliases());
        Collections.sort(aliases);
        StringBuilder entries = new StringBuilder();
        for (String alias : aliases) {
            String kind = "none";
            StringBuilder chain = new StringBuilder();
            String key = "null";
            if (store.entryInstanceOf(alias, KeyStore.TrustedCertificateEntry.class)) {
                kind = "trustedCertEntry";
                chain.append(quoted(sha256(store.getCertificate(alias).getEncoded())));
            } else {
                kind = store.entryInstanceOf(alias, KeyStore.PrivateKeyEntry.class) ? "PrivateKeyEntry" : "SecretKeyEntry";
                Certificate[] certificates = store.getCertificateChain(alias);
                for (Certificate certificate : certificates == null ? new Certificate[0] : certificates) {
                    chain.append(chain.length() == 0 ? "" : ",").append(quoted(sha256(certificate.getEncoded())));
                }
                try {
                    Key opened = store.getKey(alias, keyPassword);
                    key = quoted(opened == null ? "none" : sha256(opened.getEncoded()));
                } catch (Exception e) {
                    key = quoted("closed: " + e.getMessage());
                }
            }
            entries.append(entries.length() == 0 ? "" : ",")
                .append("{\"alias\":").append(quoted(alias))
                .append(",\"kind\":").append(quoted(kind))
                .append(",\"chain\":[").append(chain).append("],\"key\":").append(key)
                .append(",\"date\":").append(store.getCreationDate(alias).getTime()).append("}");
        }
        return "{\"type\":" + quoted(store.getType().toUpperCase(java.util.Locale.ROOT)) + ",\"entries\":[" + entries + "]}";
    }

    /**
     * What can be done with the keys of a file: a private key signs, and the certificate of its entry verifies; of a
     * secret key there are its algorithm and its octets.
     */
    private static String use(String path, char[] password, char[] keyPassword) throws Exception {
        KeyStore store = KeyStore.getInstance(new File(path), password);
        StringBuilder uses = new StringBuilder();
        for (String alias : Collections.list(store.aliases())) {
            Key key = store.isKeyEntry(alias) ? store.getKey(alias, keyPassword) : null;
            if (key == null) {
                continue;
            }
            String use = key instanceof PrivateKey
                ? signed((PrivateKey) key, store.getCertificate(alias))
                : key.getAlgorithm() + " " + java.util.HexFormat.of().formatHex(key.getEncoded());
            uses.append(uses.length() == 0 ? "" : ",").append(quoted(alias)).append(":").append(quoted(use));
        }
        return "{\"uses\":{" + uses + "}}";
    }

    private static String signed(PrivateKey key, Certificate certificate) throws Exception {
        byte[] message = "a message".getBytes(StandardCharsets.UTF_8);
        String algorithm = key.getAlgorithm();
        Signature signature = Signature.getInstance(switch (algorithm) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case "DSA" -> "SHA256withDSA";
            default -> algorithm;
        });
        if (algorithm.equals("RSASSA-PSS")) {
            signature.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        }
        signature.initSign(key);
        signature.update(message);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(message);
        return algorithm + (signature.verify(signed) ? " signs" : " does not fit its certificate");
    }

    /**
     * Runs keytool inside this JVM, as Main.run does it, but for its System.exit: parseArgs, doCommands, the error
     * line on stdout, the warnings.
     */
    private static String keytool(String stdin, String[] arguments) throws Exception {
        Class<?> main = Class.forName("sun.security.tools.keytool.Main");
        Constructor<?> constructor = main.getDeclaredConstructor();
        constructor.setAccessible(true);
        Object tool = constructor.newInstance();
        Method parse = main.getDeclaredMethod("parseArgs", String[].class);
        Method commands = main.getDeclaredMethod("doCommands", PrintStream.class);
        Method warnings = main.getDeclaredMethod("printWeakWarnings", boolean.class);
        parse.setAccessible(true);
        commands.setAccessible(true);
        warnings.setAccessible(true);

        PrintStream out = System.out;
        PrintStream err = System.err;
        InputStream in = System.in;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        int code = 0;
        try (PrintStream outPrint = new PrintStream(outBytes, true, StandardCharsets.UTF_8);
                PrintStream errPrint = new PrintStream(errBytes, true, StandardCharsets.UTF_8)) {
            System.setIn(new ByteArrayInputStream(stdin.getBytes(StandardCharsets.UTF_8)));
            System.setOut(outPrint);
            System.setErr(errPrint);
            try {
                parse.invoke(tool, (Object) arguments);
                commands.invoke(tool, outPrint);
            } catch (InvocationTargetException e) {
                code = 1;
                outPrint.println("keytool error: " + e.getCause());
            }
            warnings.invoke(tool, false);
        } finally {
            System.setIn(in);
            System.setOut(out);
            System.setErr(err);
        }
        return "{\"code\":" + code + ",\"out\":" + quoted(outBytes.toString(StandardCharsets.UTF_8))
            + ",\"err\":" + quoted(errBytes.toString(StandardCharsets.UTF_8)) + "}";
    }

    /** A TLS server on loopback that sends the chain of a PEM file as it stands. */
    private static String serve(String keyFile, String chainFile) throws Exception {
        char[] password = "memory".toCharArray();
        Certificate[] chain;
        try (InputStream bytes = new FileInputStream(chainFile)) {
            chain = CertificateFactory.getInstance("X.509").generateCertificates(bytes).toArray(new Certificate[0]);
        }
        String pem = Files.readString(Path.of(keyFile)).replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
        PrivateKey key = KeyFactory.getInstance(chain[0].getPublicKey().getAlgorithm())
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
        KeyStore store = KeyStore.getInstance("JKS");
        store.load(null, null);
        store.setKeyEntry("server", key, password, chain);
        KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory()
            .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        SERVERS.put(server.getLocalPort(), server);
        Thread thread = new Thread(() -> accept(server));
        thread.setDaemon(true);
        thread.start();
        return "{\"port\":" + server.getLocalPort() + "}";
    }

    private static void accept(SSLServerSocket server) {
        while (!server.isClosed()) {
            try {
                SSLSocket connection = (SSLSocket) server.accept();
                Thread thread = new Thread(() -> greet(connection));
                thread.setDaemon(true);
                thread.start();
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void greet(SSLSocket connection) {
        try (connection) {
            connection.setSoTimeout(10_000);
            connection.startHandshake();
            connection.getOutputStream().write('k');
            connection.getInputStream().read();
        } catch (IOException refusedByTheClient) {
            // The client reports why.
        }
    }

    private static String stop(int port) throws IOException {
        SSLServerSocket server = SERVERS.remove(port);
        if (server != null) {
            server.close();
        }
        return "{\"stopped\":" + (server != null) + "}";
    }

    /** A handshake as HttpsURLConnection makes it: SNI, default PKIX trust manager, host name checked. */
    private static String connect(String host, int port, String trustStore, char[] password) throws Exception {
        KeyStore store = KeyStore.getInstance(new File(trustStore), password);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress("127.0.0.1", port), 10_000);
            plain.setSoTimeout(10_000);
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                int first = socket.getInputStream().read();
                return "{\"accepted\":" + (first == 'k') + ",\"presented\":"
                    + socket.getSession().getPeerCertificates().length + "}";
            }
        } catch (IOException e) {
            return "{\"accepted\":false,\"reason\":" + quoted(e.toString()) + "}";
        }
    }

    /** What a client with this keystore and key manager sends to a server that asks for a certificate. */
    private static String present(int port, String path, char[] password, String manager) throws Exception {
        KeyStore store = KeyStore.getInstance(new File(path), password);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(manager);
        try {
            keys.init(store, password);
        } catch (Exception e) {
            return "{\"init\":" + quoted(e.toString()) + ",\"sent\":[]}";
        }
        TrustManager anybody = new X509TrustManager() {
            @Override public void checkClientTrusted(X509Certificate[] chain, String type) { }
            @Override public void checkServerTrusted(X509Certificate[] chain, String type) { }
            @Override public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        };
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), new TrustManager[] {anybody}, null);
        StringBuilder sent = new StringBuilder();
        String refused = "null";
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress("127.0.0.1", port), 10_000);
            plain.setSoTimeout(10_000);
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", port, true)) {
                SSLSession[] session = new SSLSession[1];
                try {
                    socket.startHandshake();
                    session[0] = socket.getSession();
                    socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    if (socket.getInputStream().read() < 0) {
                        refused = quoted("end of stream");
                    }
                } catch (IOException e) {
                    refused = quoted(e.toString());
                    if (session[0] == null) {
                        session[0] = socket.getHandshakeSession();
                    }
                }
                Certificate[] own = session[0] == null ? null : session[0].getLocalCertificates();
                for (Certificate certificate : own == null ? new Certificate[0] : own) {
                    sent.append(sent.length() == 0 ? "" : ",").append(quoted(sha256(certificate.getEncoded())));
                }
            }
        }
        return "{\"init\":null,\"sent\":[" + sent + "],\"refused\":" + refused + "}";
    }

    private static String sha256(byte[] bytes) throws Exception {
        StringBuilder hex = new StringBuilder();
        for (byte b : MessageDigest.getInstance("SHA-256").digest(bytes)) {
            hex.append(String.format("%02x", b));
        }
        return hex.toString();
    }

    static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < 0x20 || c > 0x7e) {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"').toString();
    }
}
