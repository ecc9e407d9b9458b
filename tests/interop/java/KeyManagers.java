import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509TrustManager;

/**
 * What the TLS client of this JVM makes of a CertificateRequest.
 *
 * The request's bytes go to the client's own handshake consumers, which read them, ask the real key manager and make
 * the possession that the Certificate message is written from. So all that JSSE does between the message and the
 * choice is done by JSSE. Lines in, lines out, fields apart by tabs:
 *
 *   store PATH PASSWORD                        -> for SunX509 and PKIX: "ok", or the exception of its init
 *   ask VERSION TYPES SCHEMES CERTSCHEMES|- NAMES -> for both: the alias (or "-"), then what is sent
 *   live MANAGER PORT PROTOCOL                 -> how a real handshake with localhost ends, and one request of HTTP
 */
public class KeyManagers {
    static final String[] MANAGERS = {"SunX509", "PKIX"};

    static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Client[] clients = new Client[MANAGERS.length];
        for (String line; (line = in.readLine()) != null;) {
            String[] fields = line.split("\t", -1);
            if (fields[0].equals("live")) {
                Client client = clients[Integer.parseInt(fields[1])];
                OUT.println(client == null ? "none" : client.live(Integer.parseInt(fields[2]), fields[3]));
                continue;
            }
            StringBuilder answer = new StringBuilder();
            for (int i = 0; i < MANAGERS.length; i++) {
                if (i > 0) {
                    answer.append('\t');
                }
                if (fields[0].equals("store")) {
                    clients[i] = null;
                    try {
                        clients[i] = new Client(MANAGERS[i], fields[1], fields[2]);
                        answer.append("ok");
                    } catch (Exception e) {
                        answer.append(e);
                    }
                } else if (clients[i] == null) {
                    answer.append("-\tnone");
                } else {
                    answer.append(clients[i].ask(fields));
                }
            }
            OUT.println(answer);
        }
    }

    /** A client with one key manager; it starts a handshake and never hears of a server. */
    static class Client {
        final SSLContext context;
        final Recorder recorder;
        SSLEngine engine;
        Object handshake;

        Client(String manager, String store, String password) throws Exception {
            KeyStore keys = KeyStore.getInstance(new File(store), password.toCharArray());
            KeyManagerFactory factory = KeyManagerFactory.getInstance(manager);
            factory.init(keys, password.toCharArray());
            recorder = new Recorder((X509ExtendedKeyManager) factory.getKeyManagers()[0]);
            context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {recorder}, new TrustManager[] {new TrustAll()}, null);
        }

        String ask(String[] fields) throws Exception {
            recorder.alias = null;
            String outcome;
            try {
                outcome = consume(fields);
            } catch (InvocationTargetException e) {
                engine = null;
                String message = String.valueOf(e.getCause().getMessage());
                // JDK 25 puts the alert before it.
                outcome = "abort " + message.replaceFirst("^\\([a-z_]+\\) ", "");
            }
            String alias = recorder.alias == null ? "-" : recorder.alias;
            return alias + "\t" + outcome;
        }

        String live(int port, String protocol) {
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("localhost", port)) {
                socket.setSoTimeout(20_000);
                socket.setEnabledProtocols(new String[] {protocol});
                socket.startHandshake();
                socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                socket.getInputStream().readAllBytes();
                return "done";
            } catch (Exception e) {
                return e.toString();
            }
        }

        private String consume(String[] fields) throws Exception {
            int version = Integer.parseInt(fields[1], 16);
            byte[] types = HexFormat.of().parseHex(fields[2]);
            byte[] schemes = HexFormat.of().parseHex(fields[3]);
            boolean is13 = version == 0x0304;
            if (engine == null) {
                engine = context.createSSLEngine();
                engine.setUseClientMode(true);
                engine.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
                engine.beginHandshake();
                handshake = get(get(engine, "conContext"), "handshakeContext");
            }
            Object protocol = constant("ProtocolVersion", is13 ? "TLS13" : "TLS12");
            set(handshake, "negotiatedProtocol", protocol);
            String suite = is13 ? "TLS_AES_128_GCM_SHA256" : "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
            Constructor<?> session = type("SSLSessionImpl")
                    .getDeclaredConstructor(type("HandshakeContext"), type("CipherSuite"));
            session.setAccessible(true);
            set(handshake, "handshakeSession", session.newInstance(handshake, constant("CipherSuite", suite)));
            ((Collection<?>) get(handshake, "handshakePossessions")).clear();
            ((Map<?, ?>) get(handshake, "handshakeExtensions")).clear();
            set(handshake, "peerSupportedAuthorities", null);
            set(handshake, "peerRequestedSignatureSchemes", null);
            set(handshake, "peerRequestedCertSignSchemes", null);

            ByteArrayOutputStream names = new ByteArrayOutputStream();
            for (String name : fields[5].isEmpty() ? new String[0] : fields[5].split(",")) {
                vector(names, 2, HexFormat.of().parseHex(name));
            }
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            if (is13) {
                ByteArrayOutputStream extensions = new ByteArrayOutputStream();
                extension(extensions, 13, schemes);
                if (!fields[4].equals("-")) {
                    extension(extensions, 50, HexFormat.of().parseHex(fields[4]));
                }
                if (names.size() > 0) {
                    extension(extensions, 47, names.toByteArray());
                }
                body.write(0);
                vector(body, 2, extensions.toByteArray());
            } else {
                vector(body, 1, types);
                vector(body, 2, schemes);
                vector(body, 2, names.toByteArray());
            }
            Object consumer = get(type("CertificateRequest"), is13 ? "t13HandshakeConsumer" : "t12HandshakeConsumer");
            method(type("SSLConsumer"), "consume").invoke(consumer, handshake, ByteBuffer.wrap(body.toByteArray()));
            Object possession = null;
            if (is13) {
                Method choose = method(type("CertificateMessage$T13CertificateProducer"), "choosePossession");
                possession = choose.invoke(null, handshake, null);
            } else {
                for (Object held : (Collection<?>) get(handshake, "handshakePossessions")) {
                    possession = held;
                }
            }
            if (possession == null) {
                return "empty";
            }
            X509Certificate[] chain = (X509Certificate[]) get(possession, "popCerts");
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            String print = HexFormat.of().formatHex(digest.digest(chain[0].getEncoded()));
            Method sign = method(type("SignatureScheme"), "getSignerOfPreferableAlgorithm");
            Object constraints = get(handshake, "algorithmConstraints");
            Object asked = get(handshake, "peerRequestedSignatureSchemes");
            Object signer = sign.getParameterCount() == 4
                    ? sign.invoke(null, constraints, asked, possession, protocol)
                    : sign.invoke(null, get(handshake, "sslConfig"), constraints, asked, possession, protocol);
            if (signer == null) {
                return "unsigned " + chain.length + " " + print;
            }
            Object scheme = ((Map.Entry<?, ?>) signer).getKey();
            return String.format("sent %04x %d %s", (int) get(scheme, "id"), chain.length, print);
        }
    }

    static void vector(ByteArrayOutputStream to, int width, byte[] content) {
        for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
            to.write(content.length >> shift);
        }
        to.writeBytes(content);
    }

    static void extension(ByteArrayOutputStream to, int id, byte[] list) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        vector(content, 2, list);
        to.write(id >> 8);
        to.write(id);
        vector(to, 2, content.toByteArray());
    }

    static Class<?> type(String name) throws Exception {
        return Class.forName("sun.security.ssl." + name);
    }

    static Object constant(String type, String name) throws Exception {
        return get(type(type), name);
    }

    static Field field(Class<?> type, String name) throws Exception {
        for (Class<?> at = type; at != null; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    field.setAccessible(true);
                    return field;
                }
            }
        }
        throw new NoSuchFieldException(type + "." + name);
    }

    static Object get(Object of, String name) throws Exception {
        return of instanceof Class<?> type ? field(type, name).get(null) : field(of.getClass(), name).get(of);
    }

    static void set(Object of, String name, Object value) throws Exception {
        field(of.getClass(), name).set(of, value);
    }

    static Method method(Class<?> type, String name) throws Exception {
        for (Method method : type.getDeclaredMethods()) {
            if (method.getName().equals(name)) {
                method.setAccessible(true);
                return method;
            }
        }
        throw new NoSuchMethodException(type + "." + name);
    }

    /** Passes everything on, and remembers what was chosen. */
    static class Recorder extends X509ExtendedKeyManager {
        final X509ExtendedKeyManager real;
        String alias;

        Recorder(X509ExtendedKeyManager real) {
            this.real = real;
        }

        @Override
        public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
            String chosen = real.chooseEngineClientAlias(keyTypes, issuers, engine);
            boolean isPkix = real.getClass().getSimpleName().equals("X509KeyManagerImpl");
            alias = chosen == null || !isPkix ? chosen : chosen.split("\\.", 3)[2];
            return chosen;
        }

        @Override
        public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
            return real.chooseClientAlias(keyTypes, issuers, socket);
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return real.getClientAliases(keyType, issuers);
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return real.getServerAliases(keyType, issuers);
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return real.getCertificateChain(alias);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return real.getPrivateKey(alias);
        }
    }

    static class TrustAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
