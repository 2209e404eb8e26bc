import java.io.*;
import java.lang.reflect.*;
import java.math.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import jdk.internal.org.objectweb.asm.*;
import jdk.internal.org.objectweb.asm.Type;

/**
 * Both halves of a pair. `answer`: calls the answer's methods for the other one. `tests`: loads the tests; of the answer's methods,
 * which were compiled with them, only the names and types are taken, each asks for what it does. A method is one of the tests if
 * it stands in their lines. Exit codes are those of cell/outcome.py. Values are data of a closed set of types; others stay where they are.
 */
public class SyncodeApart {
    static boolean tests, asked, objects;
    static final Set<Throwable> remote = Collections.newSetFromMap(new IdentityHashMap<>());
    static DataInputStream in;
    static OutputStream out;
    static ClassLoader loader;
    static final List<Object> own = new ArrayList<>();
    static final IdentityHashMap<Object, Integer> numbers = new IdentityHashMap<>(), homes = new IdentityHashMap<>();
    static final Map<Integer, Object> proxies = new HashMap<>();
    static final IdentityHashMap<Object, String> messages = new IdentityHashMap<>();
    static final Set<String> answers = new HashSet<>();

    static class Stay extends Error { Stay(String why) { super(why); } }
    public static final class Mark { private Mark() {} }

    public static void main(String[] words) throws Throwable {
        tests = words[0].equals("tests");
        in = new DataInputStream(new BufferedInputStream(new FileInputStream("/proc/self/fd/6"), 1 << 16));
        out = new FileOutputStream("/proc/self/fd/7");
        if (tests) Examiner.main(words);
        else answer();
    }

    static void answer() throws IOException {
        loader = SyncodeApart.class.getClassLoader();
        Thread serving = new Thread(null, () -> {
            try {
                while (true) serve(receive());
            } catch (EOFException ended) {
                System.out.flush();
                Runtime.getRuntime().halt(0);
            } catch (Throwable problem) {
                problem.printStackTrace();
                Runtime.getRuntime().halt(1);
            }
        }, "main", 1 << 28);
        serving.start();
    }

    static void stop(int code, String why) {
        System.out.flush();
        System.err.println(String.valueOf(why).replaceAll("\\s+", " "));
        System.err.flush();
        Runtime.getRuntime().halt(code);
    }

    static Stay stay(String why) {
        if (tests) stop(107, why);
        return new Stay(why);
    }

    static byte[] receive() throws IOException {
        int size = in.readInt();
        if (size < 0) throw new IOException("malformed");
        byte[] data = in.readNBytes(size);
        if (data.length < size) throw new EOFException();
        return data;
    }

    static void send(char kind, byte[]... parts) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        DataOutputStream to = new DataOutputStream(whole);
        int size = 1;
        for (byte[] part : parts) size += 4 + part.length;
        to.writeInt(size);
        to.writeByte(kind);
        for (byte[] part : parts) {
            to.writeInt(part.length);
            to.write(part);
        }
        out.write(whole.toByteArray());
        out.flush();
    }

    // Values.

    static byte[] encoded(Object[] values, IdentityHashMap<Object, Integer> given) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream to = new DataOutputStream(bytes);
        to.writeInt(values.length);
        for (Object each : values) put(to, each, given, 0);
        return bytes.toByteArray();
    }

    static void text(DataOutputStream to, String text) throws IOException {
        to.writeInt(text.length());
        to.writeChars(text);
    }

    static void put(DataOutputStream to, Object value, IdentityHashMap<Object, Integer> given, int depth) throws IOException {
        if (depth > 2000) throw stay("a value that is nested too deep");
        if (value == null) { to.writeByte('N'); return; }
        Integer place = given == null ? null : given.get(value);
        if (place != null) { to.writeByte('P'); to.writeInt(place); return; }
        Class<?> kind = value.getClass();
        if (value instanceof Boolean b) { to.writeByte('b'); to.writeBoolean(b); }
        else if (value instanceof Integer v) { to.writeByte('i'); to.writeInt(v); }
        else if (value instanceof Long v) { to.writeByte('l'); to.writeLong(v); }
        else if (value instanceof Double v) { to.writeByte('d'); to.writeDouble(v); }
        else if (value instanceof Float v) { to.writeByte('f'); to.writeFloat(v); }
        else if (value instanceof Character v) { to.writeByte('c'); to.writeChar(v); }
        else if (value instanceof Byte v) { to.writeByte('y'); to.writeByte(v); }
        else if (value instanceof Short v) { to.writeByte('s'); to.writeShort(v); }
        else if (value instanceof String v) { to.writeByte('S'); text(to, v); }
        else if (kind == StringBuilder.class || kind == StringBuffer.class) { to.writeByte(kind == StringBuilder.class ? 'B' : 'U'); text(to, value.toString()); }
        else if (kind == BigInteger.class || kind == BigDecimal.class) { to.writeByte(kind == BigInteger.class ? 'I' : 'D'); text(to, value.toString()); }
        else if (homes.containsKey(value)) { to.writeByte('O'); to.writeInt(homes.get(value)); }
        else if (kind.isArray()) {
            to.writeByte('A');
            text(to, kind.getName());
            int size = Array.getLength(value);
            to.writeInt(size);
            for (int at = 0; at < size; at++) put(to, Array.get(value, at), given, depth + 1);
        } else if (value instanceof Optional<?> v) { to.writeByte('o'); put(to, v.orElse(null), given, depth + 1); }
        else if (kind.getName().startsWith("org.javatuples.")) {
            to.writeByte('T');
            text(to, kind.getName());
            RecordComponent[] parts = kind.getRecordComponents();
            to.writeInt(parts.length);
            for (RecordComponent part : parts) {
                try {
                    put(to, part.getAccessor().invoke(value), given, depth + 1);
                } catch (ReflectiveOperationException never) {
                    throw stay(never.toString());
                }
            }
        } else if (value instanceof Map<?, ?> v && jdk(kind)) {
            to.writeByte('M');
            text(to, form(kind, value instanceof SortedMap<?, ?> sorted && sorted.comparator() != null));
            to.writeInt(v.size());
            for (Map.Entry<?, ?> each : v.entrySet()) {
                put(to, each.getKey(), given, depth + 1);
                put(to, each.getValue(), given, depth + 1);
            }
        } else if (value instanceof Collection<?> v && jdk(kind)) {
            boolean ordered = value instanceof SortedSet<?> sorted && sorted.comparator() != null || value instanceof PriorityQueue<?> queue && queue.comparator() != null;
            to.writeByte('C');
            text(to, form(kind, ordered));
            to.writeInt(v.size());
            for (Object each : v) put(to, each, given, depth + 1);
        } else {
            to.writeByte('H');
            boolean first = !numbers.containsKey(value);
            if (first) {
                own.add(value);
                numbers.put(value, own.size());
            }
            to.writeInt(numbers.get(value));
            List<String> faces = new ArrayList<>();
            for (Class<?> each = kind; each != null; each = each.getSuperclass()) for (Class<?> face : each.getInterfaces()) add(faces, face);
            boolean named = !jdk(kind) && !kind.isSynthetic() && !kind.isHidden() && !kind.isAnonymousClass() && (!tests || homes.containsKey(value));
            if (!named && faces.isEmpty()) throw stay("an object of " + kind.getName() + " crosses");
            if (kind.isEnum() || value instanceof Class) throw stay("an enum or a class crosses");
            text(to, named ? kind.getName() : "");
            text(to, String.join(",", faces));
        }
    }

    static boolean jdk(Class<?> kind) { return kind.getName().startsWith("java."); }

    static void add(List<String> faces, Class<?> face) {
        boolean known = jdk(face) && Modifier.isPublic(face.getModifiers()) || tests && answers.contains(face.getName().replace('.', '/'));
        if (known && !face.getName().startsWith("java.lang.constant") && face != Serializable.class && !faces.contains(face.getName())) faces.add(face.getName());
        for (Class<?> each : face.getInterfaces()) add(faces, each);
    }

    static String form(Class<?> kind, boolean ordered) {
        if (ordered) throw stay("a collection with an order of its own crosses");
        String name = kind.getName();
        if (name.startsWith("java.util.concurrent.")) throw stay("an object of " + name + " crosses");
        if (name.contains("Immutable")) return "immutable " + face(kind);
        if (name.contains("Unmodifiable")) return "unmodifiable " + face(kind);
        if (name.equals("java.util.Arrays$ArrayList")) return "fixed list";
        if (name.contains("$") || Modifier.isAbstract(kind.getModifiers())) return "plain " + face(kind);
        return name;
    }

    static String face(Class<?> kind) {
        return List.class.isAssignableFrom(kind) ? "list" : Set.class.isAssignableFrom(kind) ? "set" : Map.class.isAssignableFrom(kind) ? "map" : "collection";
    }

    static final List<String> MADE = List.of("ArrayList", "LinkedList", "Vector", "Stack", "ArrayDeque", "PriorityQueue", "HashSet", "LinkedHashSet", "TreeSet",
        "HashMap", "LinkedHashMap", "TreeMap", "Hashtable");

    static Object made(String form, List<Object> items, boolean map) throws IOException {
        Map<Object, Object> pairs = new LinkedHashMap<>();
        if (map) for (int at = 0; at < items.size(); at += 2) pairs.put(items.get(at), items.get(at + 1));
        switch (form) {
            case "fixed list": return Arrays.asList(items.toArray());
            case "immutable list": return Collections.unmodifiableList(items);
            case "immutable set": case "unmodifiable set": return Collections.unmodifiableSet(new LinkedHashSet<>(items));
            case "immutable map": case "unmodifiable map": return Collections.unmodifiableMap(pairs);
            case "unmodifiable list": return Collections.unmodifiableList(items);
            case "unmodifiable collection": return Collections.unmodifiableCollection(items);
            case "plain list": case "plain collection": return items;
            case "plain set": return new LinkedHashSet<>(items);
            case "plain map": return pairs;
            default:
        }
        if (!form.startsWith("java.util.") || !MADE.contains(form.substring(10))) {
            if (tests) throw stay("an object of " + form + " crosses");
            throw new Stay("an object of " + form + " crosses");
        }
        try {
            Object made = Class.forName(form).getConstructor().newInstance();
            fill(made, items, pairs);
            return made;
        } catch (ReflectiveOperationException | RuntimeException problem) {
            throw new IOException("malformed");
        }
    }

    @SuppressWarnings("unchecked")
    static void fill(Object made, List<Object> items, Map<Object, Object> pairs) {
        if (made instanceof Map) ((Map<Object, Object>) made).putAll(pairs);
        else ((Collection<Object>) made).addAll(items);
    }

    static String text(DataInputStream from) throws IOException {
        int size = from.readInt();
        if (size < 0 || size * 2L > from.available()) throw new IOException("malformed");
        char[] text = new char[size];
        for (int at = 0; at < size; at++) text[at] = from.readChar();
        return new String(text);
    }

    static Object[] decoded(byte[] data, Object[] given, List<Object> mutable) throws IOException {
        DataInputStream from = new DataInputStream(new ByteArrayInputStream(data));
        Object[] values = new Object[size(from)];
        for (int at = 0; at < values.length; at++) values[at] = get(from, given, mutable);
        return values;
    }

    static int size(DataInputStream from) throws IOException {
        int size = from.readInt();
        if (size < 0 || size > from.available()) throw new IOException("malformed");
        return size;
    }

    static Object get(DataInputStream from, Object[] given, List<Object> mutable) throws IOException {
        char kind = (char) from.readByte();
        switch (kind) {
            case 'N': return null;
            case 'b': return from.readBoolean();
            case 'i': return from.readInt();
            case 'l': return from.readLong();
            case 'd': return from.readDouble();
            case 'f': return from.readFloat();
            case 'c': return from.readChar();
            case 'y': return from.readByte();
            case 's': return from.readShort();
            case 'S': return text(from);
            case 'B': return noted(new StringBuilder(text(from)), mutable);
            case 'U': return noted(new StringBuffer(text(from)), mutable);
            case 'I': return new BigInteger(text(from));
            case 'D': return new BigDecimal(text(from));
            case 'P': return given[from.readInt()];
            case 'o': return Optional.ofNullable(get(from, given, mutable));
            case 'O': {
                int number = from.readInt();
                if (number < 1 || number > own.size()) throw new IOException("malformed");
                return own.get(number - 1);
            }
            case 'A': {
                Class<?> type = type(text(from));
                if (!type.isArray()) throw new IOException("malformed");
                Object made = noted(Array.newInstance(type.getComponentType(), size(from)), mutable);
                try {
                    for (int at = 0; at < Array.getLength(made); at++) Array.set(made, at, get(from, given, mutable));
                } catch (IllegalArgumentException wrong) {
                    throw new IOException("malformed");
                }
                return made;
            }
            case 'C': case 'M': {
                String form = text(from);
                int place = mutable == null ? -1 : mutable.size();
                if (mutable != null) mutable.add(null);
                List<Object> items = new ArrayList<>();
                for (int left = size(from) * (kind == 'M' ? 2 : 1); left > 0; left--) items.add(get(from, given, mutable));
                Object made = made(form, items, kind == 'M');
                if (mutable != null) mutable.set(place, made);
                return made;
            }
            case 'T': {
                Class<?> type = type(text(from));
                Object[] parts = new Object[size(from)];
                for (int at = 0; at < parts.length; at++) parts[at] = get(from, given, mutable);
                if (!type.isRecord() || !type.getName().startsWith("org.javatuples.")) throw new IOException("malformed");
                try {
                    Constructor<?> maker = type.getDeclaredConstructors()[0];
                    maker.setAccessible(true);
                    return maker.newInstance(parts);
                } catch (ReflectiveOperationException | IllegalArgumentException wrong) {
                    throw new IOException("malformed");
                }
            }
            case 'H': return borrow(from.readInt(), text(from), text(from));
            default: throw new IOException("malformed");
        }
    }

    static Object noted(Object made, List<Object> mutable) {
        if (mutable != null) mutable.add(made);
        return made;
    }

    static Class<?> type(String name) throws IOException {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException | LinkageError wrong) {
            throw new IOException("malformed");
        }
    }

    static Object borrow(int number, String name, String faces) throws IOException {
        Object known = proxies.get(number);
        if (known != null) return known;
        Object made;
        if (!name.isEmpty() && tests && answers.contains(name.replace('.', '/'))) {
            objects = true;
            try {
                Constructor<?> maker = Class.forName(name, true, loader).getDeclaredConstructor(Mark.class);
                maker.setAccessible(true);
                made = maker.newInstance((Object) null);
            } catch (ReflectiveOperationException problem) {
                throw stay("an object of " + name + " crosses");
            }
        } else {
            if (name.isEmpty() || faces.isEmpty()) objects |= !name.isEmpty();
            List<Class<?>> found = new ArrayList<>();
            for (String each : faces.split(",")) {
                if (each.isEmpty() || tests && !each.startsWith("java.")) continue;
                Class<?> face = type(each);
                if (face.isInterface() && !face.isSealed()) found.add(face);
            }
            if (found.isEmpty()) throw stay("an object of " + name + " crosses");
            for (Class<?> face : found) {  // it could say of any value that it holds it
                if (Collection.class.isAssignableFrom(face) || Map.class.isAssignableFrom(face) || face == Comparable.class) throw stay("a " + face.getName() + " of the other side's own crosses");
            }
            made = Proxy.newProxyInstance(loader, found.toArray(new Class<?>[0]), (proxy, method, given) -> {
                if (method.getDeclaringClass() == Object.class) {
                    if (method.getName().equals("hashCode")) return System.identityHashCode(proxy);
                    if (method.getName().equals("equals")) {
                        if (given[0] != null && !(Proxy.isProxyClass(given[0].getClass()))) throw stay("an object of the other side is compared");
                        return proxy == given[0];
                    }
                }
                return ask("face", method.getDeclaringClass().getName(), method.getName(), Type.getMethodDescriptor(method), proxy, given == null ? new Object[0] : given);
            });
        }
        proxies.put(number, made);
        homes.put(made, number);
        return made;
    }

    // Requests.

    /** Has the other side do something; arguments change as it has changed them. */
    static Object ask(String what, String owner, String name, String type, Object self, Object[] words) throws Throwable {
        asked = true;
        IdentityHashMap<Object, Integer> sent = new IdentityHashMap<>();
        byte[] body = encoded(words, null);
        List<Object> mutable = new ArrayList<>();
        for (Object each : words) collect(each, mutable, 0);
        send('Q', encoded(new Object[] {what, owner, name, type, self == null ? 0 : homes.get(self)}, null), body);
        while (true) {
            DataInputStream reply;
            char kind;
            byte[][] parts;
            try {
                byte[] data = receive();
                reply = new DataInputStream(new ByteArrayInputStream(data));
                kind = (char) reply.readByte();
                parts = parts(reply);
                if (kind == 'Q') {
                    serve(data);
                    continue;
                }
            } catch (EOFException ended) {
                if (tests) stop(106, "the process of the answer has ended");
                Runtime.getRuntime().halt(0);
                return null;
            } catch (IOException problem) {
                stop(1, "a message that is none");
                return null;
            }
            if (kind == 'S') throw stay(new String(parts[0], StandardCharsets.UTF_8));
            try {
                if (parts[0].length > 0) {
                    List<Object> now = new ArrayList<>();
                    decoded(parts[0], mutable.toArray(), now);
                    for (int at = 0; at < Math.min(now.size(), mutable.size()); at++) become(mutable.get(at), now.get(at));
                }
                Object[] result = decoded(parts[1], mutable.toArray(), null);
                if (kind == 'V') return result[0];
                if (kind == 'E') throw thrown(result);
            } catch (IOException | ArrayIndexOutOfBoundsException | ClassCastException | NumberFormatException problem) {
                stop(1, "a message that is none");
            }
            stop(1, "a message that is none");
        }
    }

    static byte[][] parts(DataInputStream from) throws IOException {
        List<byte[]> found = new ArrayList<>();
        while (from.available() > 0) {
            int size = from.readInt();
            if (size < 0 || size > from.available()) throw new IOException("malformed");
            found.add(from.readNBytes(size));
        }
        return found.toArray(new byte[Math.max(2, found.size())][]);
    }

    /** Lists what can change in a value, in the order in which it is written. */
    static void collect(Object value, List<Object> found, int depth) {
        if (value == null || homes.containsKey(value)) return;
        Class<?> kind = value.getClass();
        if (kind == StringBuilder.class || kind == StringBuffer.class) found.add(value);
        else if (kind.isArray()) {
            found.add(value);
            if (value instanceof Object[] items) for (Object each : items) collect(each, found, depth + 1);
        } else if (value instanceof Optional<?> v) collect(v.orElse(null), found, depth + 1);
        else if (value instanceof Map<?, ?> v && jdk(kind)) {
            found.add(value);
            for (Map.Entry<?, ?> each : v.entrySet()) {
                collect(each.getKey(), found, depth + 1);
                collect(each.getValue(), found, depth + 1);
            }
        } else if (value instanceof Collection<?> v && jdk(kind)) {
            found.add(value);
            for (Object each : v) collect(each, found, depth + 1);
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static void become(Object mine, Object now) {
        if (mine == now || now == null) return;
        if (mine instanceof StringBuilder v && now instanceof StringBuilder n) { v.setLength(0); v.append(n); }
        else if (mine instanceof StringBuffer v && now instanceof StringBuffer n) { v.setLength(0); v.append(n); }
        else if (mine.getClass().isArray() && now.getClass() == mine.getClass() && Array.getLength(mine) == Array.getLength(now)) System.arraycopy(now, 0, mine, 0, Array.getLength(mine));
        else if (mine instanceof List v && now instanceof List n && v.size() == n.size()) {
            for (int at = 0; at < v.size(); at++) if (v.get(at) != n.get(at) && !Objects.equals(v.get(at), n.get(at))) v.set(at, n.get(at));
        } else if (mine instanceof Collection v && now instanceof Collection n) {
            if (v.equals(n)) return;
            v.clear();
            v.addAll(n);
        } else if (mine instanceof Map v && now instanceof Map n) {
            if (v.equals(n)) return;
            v.clear();
            v.putAll(n);
        }
    }

    static Throwable thrown(Object[] facts) throws IOException {
        int number = (Integer) facts[0];
        if ((Boolean) facts[1]) return (Throwable) own.get(number - 1);
        Throwable made = (Throwable) proxies.get(number);
        if (made != null) return made;
        String message = (String) facts[2];
        for (Object each : Arrays.asList((Object[]) facts[3])) {
            String name = (String) each;
            try {
                if (tests && answers.contains(name.replace('.', '/'))) {
                    Constructor<?> maker = Class.forName(name, true, loader).getDeclaredConstructor(Mark.class);
                    maker.setAccessible(true);
                    made = (Throwable) maker.newInstance((Object) null);
                    messages.put(made, message);
                } else if (name.startsWith("java.")) made = known(Class.forName(name), message);
            } catch (ReflectiveOperationException | ClassCastException next) {
                continue;
            }
            if (made != null) break;
        }
        if (made == null) made = new RuntimeException(message);
        proxies.put(number, made);
        homes.put(made, number);
        if (tests) remote.add(made);
        return made;
    }

    static Throwable known(Class<?> kind, String message) throws ReflectiveOperationException {
        if (!Throwable.class.isAssignableFrom(kind)) throw new NoSuchMethodException();
        try {
            return (Throwable) kind.getConstructor(String.class).newInstance(message);
        } catch (NoSuchMethodException none) {
            return kind == AssertionError.class ? new AssertionError(message) : (Throwable) kind.getConstructor().newInstance();
        }
    }

    static Object[] facts(Throwable problem) {
        if (homes.containsKey(problem)) return new Object[] {homes.get(problem), true, "", new Object[0]};
        if (!numbers.containsKey(problem)) {
            own.add(problem);
            numbers.put(problem, own.size());
        }
        List<Object> names = new ArrayList<>();
        for (Class<?> each = problem.getClass(); each != null; each = each.getSuperclass()) names.add(each.getName());
        return new Object[] {numbers.get(problem), false, problem.getMessage(), names.toArray()};
    }

    /** Does what is asked, and says what came of it. */
    static void serve(byte[] request) throws IOException {
        byte[][] parts;
        Object[] what, words;
        List<Object> mutable = new ArrayList<>();
        DataInputStream from = new DataInputStream(new ByteArrayInputStream(request));
        try {
            if (from.readByte() != 'Q') throw new IOException("malformed");
            parts = parts(from);
            what = decoded(parts[0], null, null);
            words = decoded(parts[1], null, mutable);
        } catch (Stay problem) {
            send('S', problem.getMessage().getBytes(StandardCharsets.UTF_8));
            return;
        }
        Object result;
        char kind = 'V';
        try {
            result = perform(what, words);
        } catch (Stay problem) {
            send('S', problem.getMessage().getBytes(StandardCharsets.UTF_8));
            return;
        } catch (Throwable problem) {
            kind = 'E';
            result = problem;
        }
        try {
            IdentityHashMap<Object, Integer> given = new IdentityHashMap<>();
            for (int at = 0; at < mutable.size(); at++) given.put(mutable.get(at), at);
            byte[] changed = encoded(words, null);
            byte[] said = kind == 'V' ? encoded(new Object[] {result}, given) : encoded(facts((Throwable) result), null);
            send(kind, Arrays.equals(changed, parts[1]) ? new byte[0] : rewritten(mutable, words), said);
        } catch (Stay problem) {
            send('S', problem.getMessage().getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Writes what can change, each by itself: what is in it and was given before is named by its place. */
    static byte[] rewritten(List<Object> mutable, Object[] words) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream to = new DataOutputStream(bytes);
        to.writeInt(mutable.size());
        for (Object each : mutable) {
            IdentityHashMap<Object, Integer> others = new IdentityHashMap<>();
            for (int at = 0; at < mutable.size(); at++) if (mutable.get(at) != each) others.put(mutable.get(at), at);
            put(to, each, others, 0);
        }
        return bytes.toByteArray();
    }

    static Object perform(Object[] what, Object[] words) throws Throwable {
        String owner = (String) what[1], name = (String) what[2], type = (String) what[3];
        int number = (Integer) what[4];
        Object self = number == 0 ? null : own.get(number - 1);
        if (tests && !what[0].equals("face")) throw new IOException("malformed");
        Class<?> kind = Class.forName(owner.replace('/', '.'), true, loader);
        try {
            switch ((String) what[0]) {
                case "get": case "set": {
                    Field field = kind.getDeclaredField(name);
                    field.setAccessible(true);
                    if (what[0].equals("get")) return field.get(self);
                    field.set(self, words[0]);
                    return null;
                }
                case "new":
                    for (Constructor<?> each : kind.getDeclaredConstructors()) {
                        if (!Type.getConstructorDescriptor(each).equals(type)) continue;
                        each.setAccessible(true);
                        Object made = each.newInstance(words);
                        own.add(made);
                        numbers.put(made, own.size());
                        return own.size();
                    }
                    throw new NoSuchMethodError(name);
                default:
                    for (Class<?> each = kind; each != null; each = each.getSuperclass()) {
                        for (Method method : each.getDeclaredMethods()) {
                            if (!method.getName().equals(name) || !Type.getMethodDescriptor(method).equals(type)) continue;
                            if (!jdk(each)) method.setAccessible(true);
                            return method.invoke(self, words);
                        }
                    }
                    throw new NoSuchMethodError(name);
            }
        } catch (InvocationTargetException problem) {
            throw problem.getCause();
        }
    }

    // What generated methods call.

    public static Object call(String what, String owner, String name, String type, Object self, Object[] words) throws Throwable {
        if (what.equals("compared")) throw stay("an object of the answer says whether it is equal, or what it holds");
        if (self != null && !homes.containsKey(self)) throw stay("an object that the answer does not have");
        return ask(what, owner, name, type, self, words);
    }

    public static void made(String owner, String type, Object self, Object[] words) throws Throwable {
        if (!self.getClass().getName().replace('.', '/').equals(owner)) return;  // the constructor of a class above
        objects = true;
        int number = (Integer) ask("new", owner, "<init>", type, null, words);
        homes.put(self, number);
        proxies.put(number, self);
    }

    public static String message(Object self) { return messages.get(self); }

    /** The half of the tests. */
    static class Examiner {
        static void main(String[] words) throws Throwable {
            FileOutputStream ask = new FileOutputStream("/proc/self/fd/4");
            FileInputStream tell = new FileInputStream("/proc/self/fd/3");
            byte[] key = told(ask, tell);
            int least = Integer.parseInt(words[2]);
            Map<String, byte[]> classes = new HashMap<>();
            Path folder = Paths.get("classes");
            try (var found = Files.walk(folder)) {
                for (Path each : (Iterable<Path>) found::iterator) {
                    if (!each.toString().endsWith(".class")) continue;
                    String name = folder.relativize(each).toString();
                    classes.put(name.substring(0, name.length() - 6), Files.readAllBytes(each));
                }
            }
            Stubs stubs = new Stubs(classes, Integer.parseInt(words[3]), Integer.parseInt(words[4]));
            loader = stubs;
            loader.setDefaultAssertionStatus(true);
            boolean[] failed = {false};
            Throwable[] first = {null};
            ThreadGroup group = new ThreadGroup("main") {
                @Override public void uncaughtException(Thread thread, Throwable problem) {
                    if (first[0] == null) first[0] = problem;
                    failed[0] = true;
                }
            };
            Method entry = Class.forName(words[1], true, loader).getDeclaredMethod("main", String[].class);
            entry.setAccessible(true);
            Thread running = new Thread(group, () -> {
                try {
                    entry.invoke(null, (Object) new String[0]);
                } catch (InvocationTargetException failure) {
                    first[0] = failure.getCause();
                    failed[0] = true;
                } catch (IllegalAccessException impossible) {
                    failed[0] = true;
                }
            }, "main", 1 << 28);
            running.setContextClassLoader(loader);
            running.start();
            running.join();
            if (failed[0]) {
                Throwable problem = first[0];
                if (problem instanceof LinkageError || problem instanceof ClassCastException) stop(107, String.valueOf(problem));
                if (problem instanceof ExceptionInInitializerError) stop(107, String.valueOf(problem));
                if (objects) stop(107, "objects of the answer are in it: " + problem);
                if (!asked) stop(107, "the tests ask nothing of the answer");
                boolean inside = problem != null && remote.contains(problem);
                ask.write(("{\"tests\":{\"total\":1,\"passed\":0,\"failed\":" + (inside ? 0 : 1) + ",\"errors\":" + (inside ? 1 : 0) + "}}\n").getBytes());
                stop(inside ? 1 : 101, "Exception in thread \"main\" " + problem);
            }
            if (least == 0) stop(108, "nothing was asserted");
            if (!asked) stop(107, "the tests ask nothing of the answer");
            ask.write(("{\"tests\":{\"total\":" + least + ",\"passed\":" + least + "}}\n").getBytes());
            byte[] token = told(ask, tell);
            ask.write(key, 0, 32);
            ask.write(token);
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }

        static byte[] told(FileOutputStream ask, FileInputStream tell) throws IOException {
            ask.write('?');
            byte[] said = new byte[33];
            new DataInputStream(tell).readFully(said);
            return said;
        }
    }

    /** Loads what was compiled, without the code of the answer. */
    static class Stubs extends ClassLoader {
        private final Map<String, byte[]> classes;
        private final int begin, end;
        /** Classes of the answer that tests make objects of, or call by name: what these say of values is what is tested. */
        private final Set<String> named = new HashSet<>();

        Stubs(Map<String, byte[]> classes, int begin, int end) {
            super(SyncodeApart.class.getClassLoader());
            this.classes = classes;
            this.begin = begin;
            this.end = end;
            for (Map.Entry<String, byte[]> each : classes.entrySet()) if (isOfTheAnswer(each.getKey(), each.getValue())) answers.add(each.getKey());
            for (Map.Entry<String, byte[]> each : classes.entrySet()) name(each.getValue(), lines(each.getValue()), answers.contains(each.getKey()));
        }

        private void name(byte[] data, Map<String, int[]> lines, boolean ours) {
            new ClassReader(data).accept(new ClassVisitor(Opcodes.ASM8) {
                @Override public MethodVisitor visitMethod(int access, String method, String type, String signature, String[] problems) {
                    int[] mine = lines.get(method + type);
                    if (ours && (mine[0] == 0 || !within(mine))) return null;
                    return new MethodVisitor(Opcodes.ASM8) {
                        @Override public void visitTypeInsn(int code, String kind) { if (code == Opcodes.NEW) named.add(kind); }
                        @Override public void visitMethodInsn(int code, String owner, String name, String type, boolean face) {
                            if (code == Opcodes.INVOKESTATIC) named.add(owner);
                        }
                    };
                }
            }, ClassReader.SKIP_FRAMES | ClassReader.SKIP_DEBUG);
        }

        /** Whether a class holds any code that does not stand in the lines of the tests. */
        private boolean isOfTheAnswer(String name, byte[] data) {
            boolean[] found = {false, false};
            for (int[] lines : lines(data).values()) {
                found[0] |= lines[0] > 0 && !within(lines);
                found[1] |= lines[0] > 0;
            }
            return (found[0] || !found[1]) && !name.startsWith("org/javatuples/");
        }

        private boolean within(int[] lines) { return lines[0] >= begin && lines[1] <= end; }

        private Map<String, int[]> lines(byte[] data) {
            Map<String, int[]> found = new HashMap<>();
            new ClassReader(data).accept(new ClassVisitor(Opcodes.ASM8) {
                @Override public MethodVisitor visitMethod(int access, String name, String type, String signature, String[] problems) {
                    int[] lines = {0, 0};
                    found.put(name + type, lines);
                    return new MethodVisitor(Opcodes.ASM8) {
                        @Override public void visitLineNumber(int line, Label start) {
                            lines[0] = lines[0] == 0 ? line : Math.min(lines[0], line);
                            lines[1] = Math.max(lines[1], line);
                        }
                    };
                }
            }, ClassReader.SKIP_FRAMES);
            return found;
        }

        @Override protected Class<?> findClass(String name) throws ClassNotFoundException {
            String place = name.replace('.', '/');
            byte[] data = classes.get(place);
            if (data == null) throw new ClassNotFoundException(name);
            byte[] made;
            try {
                made = rewritten(place, data);
            } catch (UnsupportedOperationException newer) {
                throw stay("a class that is sealed");
            }
            return defineClass(name, made, 0, made.length);
        }

        private byte[] rewritten(String name, byte[] data) {
            ClassReader reader = new ClassReader(data);
            if (!answers.contains(name)) {
                for (String each : reader.getInterfaces()) if (answers.contains(each)) throw stay("the tests implement " + each);
                if (answers.contains(reader.getSuperName())) throw stay("the tests extend " + reader.getSuperName());
            }
            Map<String, int[]> lines = lines(data);
            ClassWriter writer = new ClassWriter(0);
            boolean ours = answers.contains(name), face = (reader.getAccess() & Opcodes.ACC_INTERFACE) != 0;
            if (ours && (reader.getAccess() & Opcodes.ACC_ENUM) != 0) throw stay("the tests use the enum " + name);
            String above = reader.getSuperName();
            boolean problem = ours && !face && isThrowable(name);
            boolean[] says = {false};
            reader.accept(new ClassVisitor(Opcodes.ASM8, writer) {
                @Override public MethodVisitor visitMethod(int access, String method, String type, String signature, String[] problems) {
                    boolean kept = !ours || within(lines.get(method + type)) && lines.get(method + type)[0] > 0;
                    says[0] |= method.equals("getMessage");
                    if (kept) return new Fields(super.visitMethod(access, method, type, signature, problems));
                    if (method.equals("<clinit>")) return null;
                    if (face && (access & Opcodes.ACC_STATIC) == 0 && (access & Opcodes.ACC_ABSTRACT) != 0) return super.visitMethod(access, method, type, signature, problems);
                    int open = access & ~(Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE | Opcodes.ACC_SYNCHRONIZED);
                    MethodVisitor made = super.visitMethod(open, method, type, signature, problems);
                    stub(made, name, above, method, type, (access & Opcodes.ACC_STATIC) != 0);
                    return null;
                }
                @Override public void visitEnd() {
                    if (ours && !face) {
                        MethodVisitor made = super.visitMethod(Opcodes.ACC_PROTECTED | Opcodes.ACC_SYNTHETIC, "<init>", MARKED, null, null);
                        made.visitCode();
                        begin(made, above);
                        made.visitInsn(Opcodes.RETURN);
                        made.visitMaxs(4, 2);
                        made.visitEnd();
                        if (problem && !says[0]) {
                            MethodVisitor said = super.visitMethod(Opcodes.ACC_PUBLIC, "getMessage", "()Ljava/lang/String;", null, null);
                            said.visitCode();
                            said.visitVarInsn(Opcodes.ALOAD, 0);
                            said.visitMethodInsn(Opcodes.INVOKESTATIC, "SyncodeApart", "message", "(Ljava/lang/Object;)Ljava/lang/String;", false);
                            said.visitInsn(Opcodes.ARETURN);
                            said.visitMaxs(2, 1);
                            said.visitEnd();
                        }
                    }
                    super.visitEnd();
                }
            }, 0);
            return writer.toByteArray();
        }

        private static final String MARKED = "(LSyncodeApart$Mark;)V";

        private boolean isThrowable(String name) {
            while (classes.containsKey(name)) name = new ClassReader(classes.get(name)).getSuperName();
            try {
                return Throwable.class.isAssignableFrom(Class.forName(name.replace('/', '.'), false, null));
            } catch (ClassNotFoundException none) {
                return false;
            }
        }

        /** Calls a constructor of the class above that does nothing. */
        private void begin(MethodVisitor made, String above) {
            made.visitVarInsn(Opcodes.ALOAD, 0);
            if (answers.contains(above)) {
                made.visitInsn(Opcodes.ACONST_NULL);
                made.visitMethodInsn(Opcodes.INVOKESPECIAL, above, "<init>", MARKED, false);
                return;
            }
            try {
                int access = Class.forName(above.replace('/', '.'), false, null).getDeclaredConstructor().getModifiers();
                if (Modifier.isPrivate(access)) throw new NoSuchMethodException();
            } catch (ReflectiveOperationException none) {
                throw stay("a class of the answer extends " + above);
            }
            made.visitMethodInsn(Opcodes.INVOKESPECIAL, above, "<init>", "()V", false);
        }

        private void stub(MethodVisitor made, String owner, String above, String name, String type, boolean fixed) {
            boolean maker = name.equals("<init>");
            boolean compared = name.equals("equals") && type.equals("(Ljava/lang/Object;)Z") || name.equals("hashCode") && type.equals("()I") || name.equals("compareTo") || name.equals("compare");
            Type said = Type.getReturnType(type);
            compared |= !fixed && !maker && !named.contains(owner) && type.charAt(1) != ')' && (said == Type.BOOLEAN_TYPE || said.getDescriptor().equals("Ljava/lang/Boolean;"));
            made.visitCode();
            if (maker) begin(made, above);
            if (!maker) made.visitLdcInsn(compared ? "compared" : "call");
            made.visitLdcInsn(owner);
            if (!maker) made.visitLdcInsn(name);
            made.visitLdcInsn(type);
            if (fixed) made.visitInsn(Opcodes.ACONST_NULL);
            else made.visitVarInsn(Opcodes.ALOAD, 0);
            Type[] kinds = Type.getArgumentTypes(type);
            made.visitIntInsn(Opcodes.SIPUSH, kinds.length);
            made.visitTypeInsn(Opcodes.ANEWARRAY, "java/lang/Object");
            int place = fixed ? 0 : 1;
            for (int at = 0; at < kinds.length; at++) {
                made.visitInsn(Opcodes.DUP);
                made.visitIntInsn(Opcodes.SIPUSH, at);
                made.visitVarInsn(kinds[at].getOpcode(Opcodes.ILOAD), place);
                box(made, kinds[at]);
                made.visitInsn(Opcodes.AASTORE);
                place += kinds[at].getSize();
            }
            if (maker) made.visitMethodInsn(Opcodes.INVOKESTATIC, "SyncodeApart", "made", "(Ljava/lang/String;Ljava/lang/String;Ljava/lang/Object;[Ljava/lang/Object;)V", false);
            else made.visitMethodInsn(Opcodes.INVOKESTATIC, "SyncodeApart", "call",
                "(Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;Ljava/lang/String;Ljava/lang/Object;[Ljava/lang/Object;)Ljava/lang/Object;", false);
            Type back = Type.getReturnType(type);
            if (maker) made.visitInsn(Opcodes.RETURN);
            else if (back == Type.VOID_TYPE) {
                made.visitInsn(Opcodes.POP);
                made.visitInsn(Opcodes.RETURN);
            } else {
                unbox(made, back);
                made.visitInsn(back.getOpcode(Opcodes.IRETURN));
            }
            made.visitMaxs(14, place + 1);
            made.visitEnd();
        }

        static final Map<String, String> BOXES = Map.of("Z", "Boolean", "B", "Byte", "S", "Short", "C", "Character", "I", "Integer", "J", "Long", "F", "Float", "D", "Double");

        static void box(MethodVisitor made, Type kind) {
            String box = BOXES.get(kind.getDescriptor());
            if (box != null) made.visitMethodInsn(Opcodes.INVOKESTATIC, "java/lang/" + box, "valueOf", "(" + kind.getDescriptor() + ")Ljava/lang/" + box + ";", false);
        }

        static void unbox(MethodVisitor made, Type kind) {
            String box = BOXES.get(kind.getDescriptor());
            if (box == null) {
                made.visitTypeInsn(Opcodes.CHECKCAST, kind.getInternalName());
                return;
            }
            made.visitTypeInsn(Opcodes.CHECKCAST, "java/lang/" + box);
            made.visitMethodInsn(Opcodes.INVOKEVIRTUAL, "java/lang/" + box, kind.getClassName() + "Value", "()" + kind.getDescriptor(), false);
        }

        /** Asks for fields of the answer's objects and classes where tests read or write them. */
        static class Fields extends MethodVisitor {
            Fields(MethodVisitor made) { super(Opcodes.ASM8, made); }

            @Override public void visitMaxs(int stack, int locals) { super.visitMaxs(stack + 8, locals); }

            @Override public void visitFieldInsn(int code, String owner, String name, String type) {
                if (!answers.contains(owner) || name.equals("$assertionsDisabled")) {
                    super.visitFieldInsn(code, owner, name, type);
                    return;
                }
                Type kind = Type.getType(type);
                boolean reads = code == Opcodes.GETFIELD || code == Opcodes.GETSTATIC, fixed = code == Opcodes.GETSTATIC || code == Opcodes.PUTSTATIC;
                if (!reads) box(mv, kind);
                if (fixed) {
                    mv.visitInsn(Opcodes.ACONST_NULL);
                    if (!reads) mv.visitInsn(Opcodes.SWAP);
                }
                mv.visitLdcInsn(owner);
                mv.visitLdcInsn(name);
                if (reads) {
                    mv.visitMethodInsn(Opcodes.INVOKESTATIC, "SyncodeApart", "field", "(Ljava/lang/Object;Ljava/lang/String;Ljava/lang/String;)Ljava/lang/Object;", false);
                    unbox(mv, kind);
                } else mv.visitMethodInsn(Opcodes.INVOKESTATIC, "SyncodeApart", "field", "(Ljava/lang/Object;Ljava/lang/Object;Ljava/lang/String;Ljava/lang/String;)V", false);
            }
        }
    }

    public static Object field(Object self, String owner, String name) throws Throwable {
        return call("get", owner, name, "", self, new Object[0]);
    }

    public static void field(Object self, Object value, String owner, String name) throws Throwable {
        call("set", owner, name, "", self, new Object[] {value});
    }
}
