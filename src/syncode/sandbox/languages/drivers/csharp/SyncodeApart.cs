// Both halves of a pair. `answer`: calls methods of the answer for the other one. `tests CLASS LEAST NAMES`: runs Main of the
// tests, in which stand-ins ask for what they do. Values are data of a closed set of types, each written with its type and rebuilt.
// Exit codes are those of cell/outcome.py.
using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Numerics;
using System.Reflection;
using System.Text;
using System.Threading;

class SyncodeDriver {
    public static void Assert(bool condition, string message = "", string detail = "") {
        if (!condition) throw new Exception("Assertion failed: " + message + " " + detail);
    }

    static int Main(string[] words) {
        SyncodeApart.Open();
        int code = 0;
        var running = new Thread(() => code = words[0] == "tests" ? SyncodeApart.Examine(words) : SyncodeApart.Answer(), 1 << 28);
        running.Start();
        running.Join();
        return code;
    }
}

class SyncodeApart {
    const int Deepest = 500, Most = 1000000;
    static FileStream incoming, outgoing;
    static bool tests, asked;
    static readonly List<object> own = new List<object>();
    static readonly List<Exception> remote = new List<Exception>();

    class Stay : Exception { public Stay(string why) : base(why) { } }
    class Same : IEqualityComparer<object> {
        bool IEqualityComparer<object>.Equals(object a, object b) { return ReferenceEquals(a, b); }
        int IEqualityComparer<object>.GetHashCode(object a) { return System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(a); }
    }

    public static void Open() {
        incoming = new FileStream("/dev/fd/6", FileMode.Open, FileAccess.Read);
        outgoing = new FileStream("/dev/fd/7", FileMode.Open, FileAccess.Write);
    }

    static void Stop(int code, string why) {
        Console.Out.Flush();
        Console.Error.WriteLine(why.Replace('\n', ' ').Replace('\r', ' '));
        Console.Error.Flush();
        Environment.Exit(code);
    }

    static Exception Staying(string why) {
        if (tests) Stop(107, why);
        return new Stay(why);
    }

    static void Send(MemoryStream message) {
        var size = BitConverter.GetBytes((int)message.Length);
        outgoing.Write(size, 0, 4);
        outgoing.Write(message.GetBuffer(), 0, (int)message.Length);
        outgoing.Flush();
    }

    static byte[] Some(int size) {
        var data = new byte[size];
        for (int done = 0, got; done < size; done += got) {
            got = incoming.Read(data, done, size - done);
            if (got <= 0) return null;
        }
        return data;
    }

    static BinaryReader Receive() {
        byte[] size = Some(4);
        if (size == null) return null;
        int length = BitConverter.ToInt32(size, 0);
        if (length < 0) throw new InvalidDataException("malformed");
        byte[] data = Some(length);
        return data == null ? null : new BinaryReader(new MemoryStream(data));
    }

    // Types.

    static readonly Type[] plain = {
        typeof(bool), typeof(char), typeof(sbyte), typeof(byte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long),
        typeof(ulong), typeof(float), typeof(double), typeof(decimal), typeof(string), typeof(BigInteger), typeof(object),
    };
    static readonly Type[] open = {
        typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(SortedSet<>), typeof(SortedDictionary<,>), typeof(Queue<>),
        typeof(Stack<>), typeof(LinkedList<>), typeof(KeyValuePair<,>), typeof(Nullable<>), typeof(IEnumerable<>), typeof(IList<>),
        typeof(ICollection<>), typeof(IReadOnlyList<>), typeof(IReadOnlyCollection<>), typeof(IDictionary<,>),
        typeof(IReadOnlyDictionary<,>), typeof(ISet<>), typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(Tuple<,,,>),
        typeof(Tuple<,,,,>), typeof(Tuple<,,,,,>), typeof(Tuple<,,,,,,>), typeof(ValueTuple<>), typeof(ValueTuple<,>),
        typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,>), typeof(ValueTuple<,,,,,>), typeof(ValueTuple<,,,,,,>),
    };

    static void PutType(BinaryWriter to, Type kind) {
        int at = Array.IndexOf(plain, kind);
        if (at >= 0) { to.Write((byte)at); return; }
        if (kind.IsArray) {
            to.Write((byte)100);
            to.Write((byte)kind.GetArrayRank());
            PutType(to, kind.GetElementType());
            return;
        }
        at = kind.IsGenericType ? Array.IndexOf(open, kind.GetGenericTypeDefinition()) : -1;
        if (at < 0) throw Staying("an object of " + kind.Name + " crosses");
        to.Write((byte)(101 + at));
        foreach (Type each in kind.GetGenericArguments()) PutType(to, each);
    }

    static Type GetType(BinaryReader from, int depth = 0) {
        int at = from.ReadByte();
        if (depth > 50) throw new InvalidDataException("malformed");
        if (at < plain.Length) return plain[at];
        if (at == 100) {
            int ranks = from.ReadByte();
            Type inner = GetType(from, depth + 1);
            if (ranks < 1 || ranks > 8) throw new InvalidDataException("malformed");
            return ranks == 1 ? inner.MakeArrayType() : inner.MakeArrayType(ranks);
        }
        if (at < 101 || at - 101 >= open.Length) throw new InvalidDataException("malformed");
        Type made = open[at - 101];
        var kinds = new Type[made.GetGenericArguments().Length];
        for (int number = 0; number < kinds.Length; number++) kinds[number] = GetType(from, depth + 1);
        return made.MakeGenericType(kinds);
    }

    // Values.

    static void PutText(BinaryWriter to, string text) {
        to.Write(text.Length);
        foreach (char each in text) to.Write((ushort)each);
    }

    static string GetText(BinaryReader from) {
        int size = Size(from);
        var made = new StringBuilder();
        for (int at = 0; at < size; at++) made.Append((char)from.ReadUInt16());
        return made.ToString();
    }

    static int Size(BinaryReader from) {
        int size = from.ReadInt32();
        if (size < 0 || size > from.BaseStream.Length) throw new InvalidDataException("malformed");
        return size;
    }

    static bool Natural(object value) {
        PropertyInfo found = value.GetType().GetProperty("Comparer");
        if (found == null) return true;
        object own = found.GetValue(value, null);
        Type key = value.GetType().GetGenericArguments()[0];
        Type usual = (found.PropertyType.GetGenericTypeDefinition() == typeof(IComparer<>) ? typeof(Comparer<>) : typeof(EqualityComparer<>));
        return Equals(own, usual.MakeGenericType(key).GetProperty("Default").GetValue(null, null));
    }

    static bool IsTuple(Type kind) {
        return kind.IsGenericType && (kind.Name.StartsWith("Tuple`") || kind.Name.StartsWith("ValueTuple`") || kind.Name == "KeyValuePair`2");
    }

    static object[] Parts(object value) {
        Type kind = value.GetType();
        int size = kind.GetGenericArguments().Length;
        if (kind.Name == "KeyValuePair`2") return new[] { kind.GetProperty("Key").GetValue(value, null), kind.GetProperty("Value").GetValue(value, null) };
        var made = new object[size];
        for (int at = 0; at < size; at++) {
            string name = "Item" + (at + 1);
            made[at] = kind.IsValueType ? kind.GetField(name).GetValue(value) : kind.GetProperty(name).GetValue(value, null);
        }
        return made;
    }

    // Returns as a list what an iterator gives, as LINQ or `yield` make them.
    static object Taken(object value) {
        if (value == null) return null;
        Type kind = value.GetType();
        if (kind.IsArray || value is string || value is IList || !(value is IEnumerable)) return value;
        if (kind.IsGenericType && Array.IndexOf(open, kind.GetGenericTypeDefinition()) >= 0) return value;
        Type many = kind.GetInterfaces().FirstOrDefault(each => each.IsGenericType && each.GetGenericTypeDefinition() == typeof(IEnumerable<>));
        bool made = kind.Name.StartsWith("<") || kind.Assembly == typeof(Enumerable).Assembly || kind.Assembly == typeof(List<>).Assembly;
        if (many == null || !made) throw Staying("an object of " + kind.Name + " crosses");
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(many.GetGenericArguments()));
        foreach (object each in (IEnumerable)value) {
            if (list.Count >= Most) throw Staying("an iterator without an end");
            list.Add(each);
        }
        return list;
    }

    // `seen`: containers on the way; the same one twice would be two on the other side.
    static void Put(BinaryWriter to, object value, Dictionary<object, int> given, HashSet<object> seen, int depth) {
        if (depth > Deepest) throw Staying("a value that is nested too deep");
        if (value == null) { to.Write((byte)0); return; }
        int place;
        if (given != null && given.TryGetValue(value, out place)) { to.Write((byte)2); to.Write(place); return; }
        Type kind = value.GetType();
        if (!tests) value = Taken(value);
        kind = value.GetType();
        to.Write((byte)1);
        PutType(to, kind);
        Content(to, value, kind, given, seen, depth);
    }

    static void Content(BinaryWriter to, object value, Type kind, Dictionary<object, int> given, HashSet<object> seen, int depth) {
        if (value is bool) to.Write((bool)value);
        else if (value is char) to.Write((ushort)(char)value);
        else if (value is sbyte) to.Write((sbyte)value);
        else if (value is byte) to.Write((byte)value);
        else if (value is short) to.Write((short)value);
        else if (value is ushort) to.Write((ushort)value);
        else if (value is int) to.Write((int)value);
        else if (value is uint) to.Write((uint)value);
        else if (value is long) to.Write((long)value);
        else if (value is ulong) to.Write((ulong)value);
        else if (value is float) to.Write((float)value);
        else if (value is double) to.Write((double)value);
        else if (value is decimal) foreach (int each in decimal.GetBits((decimal)value)) to.Write(each);
        else if (value is string) PutText(to, (string)value);
        else if (value is BigInteger) PutText(to, ((BigInteger)value).ToString());
        else if (kind == typeof(object)) throw Staying("a plain object crosses");
        else if (IsTuple(kind)) foreach (object each in Parts(value)) Put(to, each, given, seen, depth + 1);
        else {
            if (seen != null && !seen.Add(value)) throw Staying("the same object crosses twice");
            if (!kind.IsArray && !Natural(value)) throw Staying("a collection with an order of its own crosses");
            var items = ((IEnumerable)value).Cast<object>().ToList();
            if (kind.IsArray) {
                var array = (Array)value;
                for (int rank = 0; rank < array.Rank; rank++) {
                    if (array.GetLowerBound(rank) != 0) throw Staying("an array that begins elsewhere crosses");
                    to.Write(array.GetLength(rank));
                }
            } else to.Write(items.Count);
            if (kind.IsGenericType && kind.GetGenericTypeDefinition() == typeof(Stack<>)) items.Reverse();
            foreach (object each in items) Put(to, each, given, seen, depth + 1);
        }
    }

    static object Get(BinaryReader from, object[] given, int depth) {
        if (depth > Deepest + 1) throw new InvalidDataException("malformed");
        byte mark = from.ReadByte();
        if (mark == 0) return null;
        if (mark == 2) {
            int place = from.ReadInt32();
            if (given == null || place < 0 || place >= given.Length) throw new InvalidDataException("malformed");
            return given[place];
        }
        if (mark != 1) throw new InvalidDataException("malformed");
        Type kind = GetType(from);
        if (kind == typeof(bool)) return from.ReadByte() == 1;
        if (kind == typeof(char)) return (char)from.ReadUInt16();
        if (kind == typeof(sbyte)) return from.ReadSByte();
        if (kind == typeof(byte)) return from.ReadByte();
        if (kind == typeof(short)) return from.ReadInt16();
        if (kind == typeof(ushort)) return from.ReadUInt16();
        if (kind == typeof(int)) return from.ReadInt32();
        if (kind == typeof(uint)) return from.ReadUInt32();
        if (kind == typeof(long)) return from.ReadInt64();
        if (kind == typeof(ulong)) return from.ReadUInt64();
        if (kind == typeof(float)) return from.ReadSingle();
        if (kind == typeof(double)) return from.ReadDouble();
        if (kind == typeof(decimal)) return new decimal(new[] { from.ReadInt32(), from.ReadInt32(), from.ReadInt32(), from.ReadInt32() });
        if (kind == typeof(string)) return GetText(from);
        if (kind == typeof(BigInteger)) return BigInteger.Parse(GetText(from));
        if (kind == typeof(object) || kind.IsInterface) throw new InvalidDataException("malformed");
        if (IsTuple(kind)) {
            var parts = new object[kind.GetGenericArguments().Length];
            for (int at = 0; at < parts.Length; at++) parts[at] = Get(from, given, depth + 1);
            return Activator.CreateInstance(kind, parts);
        }
        if (kind.IsArray) {
            var sizes = new int[kind.GetArrayRank()];
            long all = 1;
            for (int rank = 0; rank < sizes.Length; rank++) all = Math.Min(all * (sizes[rank] = Size(from)), 1L << 40);
            if (all > from.BaseStream.Length) throw new InvalidDataException("malformed");
            Array made = Array.CreateInstance(kind.GetElementType(), sizes);
            var place = new int[sizes.Length];
            for (long at = 0; at < all; at++) {
                long rest = at;
                for (int rank = sizes.Length - 1; rank >= 0; rest /= sizes[rank], rank--) place[rank] = (int)(rest % sizes[rank]);
                made.SetValue(Get(from, given, depth + 1), place);
            }
            return made;
        }
        var items = new List<object>();
        for (int size = Size(from); size > 0; size--) items.Add(Get(from, given, depth + 1));
        if (kind.GetGenericTypeDefinition() == typeof(Nullable<>)) throw new InvalidDataException("malformed");
        object whole = Activator.CreateInstance(kind);
        Fill(whole, items);
        return whole;
    }

    static void Fill(object whole, List<object> items) {
        if (whole is IList) {
            foreach (object each in items) ((IList)whole).Add(each);
            return;
        }
        if (whole is IDictionary) {
            foreach (object each in items) {
                object[] parts = Parts(each);
                ((IDictionary)whole).Add(parts[0], parts[1]);
            }
            return;
        }
        Type kind = whole.GetType();
        string name = kind.Name == "Queue`1" ? "Enqueue" : kind.Name == "Stack`1" ? "Push" : kind.Name == "LinkedList`1" ? "AddLast" : "Add";
        MethodInfo add = kind.GetMethod(name, kind.GetGenericArguments());
        foreach (object each in items) add.Invoke(whole, new[] { each });
    }

    static bool IsContainer(object value) {
        return value != null && !(value is string) && value is IEnumerable;
    }

    // Gives an argument the content that it has in the other process.
    static object Changed(object old, object now) {
        if (!IsContainer(old) || !IsContainer(now) || old.GetType() != now.GetType()) return now;
        var array = old as Array;
        if (array != null) {
            var other = (Array)now;
            for (int rank = 0; rank < array.Rank; rank++) if (array.GetLength(rank) != other.GetLength(rank)) return now;
            var place = new int[array.Rank];
            for (long at = 0; at < array.LongLength; at++) {
                long rest = at;
                for (int rank = array.Rank - 1; rank >= 0; rest /= array.GetLength(rank), rank--) place[rank] = (int)(rest % array.GetLength(rank));
                array.SetValue(Changed(array.GetValue(place), other.GetValue(place)), place);
            }
            return old;
        }
        var list = old as IList;
        var items = ((IEnumerable)now).Cast<object>().ToList();
        if (list != null) for (int at = 0; at < items.Count && at < list.Count; at++) items[at] = Changed(list[at], items[at]);
        Type kind = old.GetType();
        if (kind.Name == "Stack`1") items.Reverse();
        kind.GetMethod("Clear").Invoke(old, null);
        Fill(old, items);
        return old;
    }

    static Dictionary<object, int> Numbered(object[] values) {
        var made = new Dictionary<object, int>(new Same());
        for (int at = 0; at < values.Length; at++) if (IsContainer(values[at])) made[values[at]] = at;
        return made;
    }

    // The half of the answer.

    public static int Answer() {
        for (BinaryReader from; (from = Receive()) != null; ) {
            var message = new MemoryStream();
            try {
                Serve(from, new BinaryWriter(message));
            } catch (Stay why) {
                message = new MemoryStream();
                var to = new BinaryWriter(message);
                to.Write((byte)'S');
                PutText(to, why.Message);
            }
            Console.Out.Flush();
            Send(message);
        }
        Console.Out.Flush();
        Environment.Exit(0);
        return 0;
    }

    static void Serve(BinaryReader from, BinaryWriter to) {
        string owner = GetText(from), name = GetText(from);
        var kinds = new Type[from.ReadInt32()];
        for (int at = 0; at < kinds.Length; at++) kinds[at] = GetType(from);
        var values = new object[kinds.Length];
        for (int at = 0; at < values.Length; at++) values[at] = Get(from, values, 0);
        int number = from.ReadInt32();
        Type type = typeof(SyncodeApart).Assembly.GetType(owner);
        var flags = (number < 0 && name != ".ctor" ? BindingFlags.Static : BindingFlags.Instance) | BindingFlags.Public | BindingFlags.NonPublic;
        MethodBase found = type == null ? null : name == ".ctor" ? (MethodBase)type.GetConstructor(flags, null, kinds, null) : type.GetMethod(name, flags, null, kinds, null);
        if (found == null || !found.GetParameters().Select(each => each.ParameterType).SequenceEqual(kinds)) throw new Stay("the answer has no such " + name);
        object result = null;
        Exception problem = null;
        var before = (object[])values.Clone();
        try {
            var maker = found as ConstructorInfo;
            if (maker != null) {
                own.Add(maker.Invoke(values));
                result = own.Count - 1;
            } else result = found.Invoke(number < 0 ? null : own[number], values);
        } catch (Exception failure) {  // Mono does not wrap those that its own machine code throws
            problem = failure is TargetInvocationException && failure.InnerException != null ? failure.InnerException : failure;
        }
        to.Write((byte)(problem == null ? 'R' : 'E'));
        foreach (object each in before) if (IsContainer(each)) Put(to, each, null, new HashSet<object>(new Same()), 0);
        if (problem == null) {
            Put(to, result, Numbered(before), new HashSet<object>(new Same()), 0);
            return;
        }
        Type shown = problem.GetType();
        while (Array.IndexOf(problems, shown) < 0) shown = shown.BaseType;
        to.Write((byte)Array.IndexOf(problems, shown));
        var argument = problem as ArgumentException;
        string said = problem.Message ?? "", parameter = argument == null ? null : argument.ParamName;
        int end = parameter == null ? -1 : said.LastIndexOf("\nParameter name: ");
        PutText(to, end < 0 ? said : said.Substring(0, end));
        to.Write(parameter != null);
        PutText(to, parameter ?? "");
    }

    static readonly Type[] problems = {
        typeof(Exception), typeof(ArgumentException), typeof(ArgumentNullException), typeof(ArgumentOutOfRangeException),
        typeof(InvalidOperationException), typeof(NotSupportedException), typeof(NotImplementedException), typeof(FormatException),
        typeof(OverflowException), typeof(DivideByZeroException), typeof(ArithmeticException), typeof(IndexOutOfRangeException),
        typeof(KeyNotFoundException), typeof(NullReferenceException), typeof(InvalidCastException), typeof(TimeoutException),
        typeof(ApplicationException), typeof(RankException), typeof(ArrayTypeMismatchException), typeof(SystemException),
    };

    // The half of the tests.

    public static Exception Refused(string name) {
        return Staying("an object of " + name + " is compared or shown");
    }

    public static T Call<T>(string owner, string name, Type[] kinds, object[] values, int self) {
        asked = true;
        var message = new MemoryStream();
        var to = new BinaryWriter(message);
        PutText(to, owner);
        PutText(to, name);
        to.Write(kinds.Length);
        foreach (Type each in kinds) PutType(to, each);
        // The same list given twice is the same one there.
        var numbers = new Dictionary<object, int>(new Same());
        var seen = new HashSet<object>(new Same());
        for (int at = 0; at < values.Length; at++) {
            values[at] = Taken(values[at]);
            Put(to, values[at], numbers, seen, 0);
            if (IsContainer(values[at]) && !numbers.ContainsKey(values[at])) numbers[values[at]] = at;
        }
        to.Write(self);
        Send(message);
        BinaryReader from = Receive();
        if (from == null) Stop(106, "the answer has ended");
        object result = null;
        Exception problem = null;
        try {
            byte mark = from.ReadByte();
            if (mark == 'S') Stop(107, GetText(from));
            if (mark != 'R' && mark != 'E') throw new InvalidDataException("malformed");
            foreach (object each in values) {
                if (IsContainer(each) && !ReferenceEquals(Changed(each, Get(from, null, 0)), each)) throw new InvalidDataException("malformed");
            }
            if (mark == 'E') problem = Problem(from);
            else result = Get(from, values, 0);
            if (problem == null && (result == null ? default(T) != null : !(result is T))) throw new InvalidDataException("malformed");
        } catch (Exception malformed) {
            Stop(1, "what the answer sends is malformed: " + malformed.Message);  // tests that expect an exception may not see it
        }
        if (problem == null) return (T)result;
        remote.Add(problem);
        throw problem;
    }

    static Exception Problem(BinaryReader from) {
        int number = from.ReadByte();
        string said = GetText(from);
        bool named = from.ReadBoolean();
        string parameter = GetText(from);
        if (number >= problems.Length) throw new InvalidDataException("malformed");
        Type kind = problems[number];
        if (kind == typeof(ArgumentException)) return named ? new ArgumentException(said, parameter) : new ArgumentException(said);
        if (typeof(ArgumentException).IsAssignableFrom(kind)) return (Exception)Activator.CreateInstance(kind, named ? parameter : null, said);
        return (Exception)Activator.CreateInstance(kind, said);
    }

    public static int Examine(string[] words) {
        tests = true;
        var ask = new FileStream("/dev/fd/4", FileMode.Open, FileAccess.Write);
        var tell = new FileStream("/dev/fd/3", FileMode.Open, FileAccess.Read);
        byte[] key = Told(ask, tell);
        if (key == null) return 1;
        string[] spaces = { "System", "System.Collections", "System.Collections.Generic", "System.Linq", "System.Text", "System.Diagnostics",
            "System.Numerics", "System.IO", "System.Text.RegularExpressions", "System.Globalization" };
        Assembly[] language = { typeof(object).Assembly, typeof(Uri).Assembly, typeof(Enumerable).Assembly, typeof(BigInteger).Assembly };
        foreach (string name in words[3].Split(','))
            foreach (string space in spaces)
                foreach (Assembly each in language)
                    if (name != "" && new[] { "", "`1", "`2" }.Any(end => each.GetType(space + "." + name + end, false) != null)) Stop(107, "the answer has a class " + name + " as the language does");
        MethodInfo entry = null;
        foreach (Type type in Assembly.GetExecutingAssembly().GetTypes()) {
            if (type.Name == "SyncodeDriver" || type.Name == "SyncodeApart") continue;
            MethodInfo found = type.GetMethod("Main", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic);
            if (found != null && (words[1] == "" || type.Name == words[1])) entry = found;
        }
        if (entry == null) Stop(107, "there is no Main");
        object code = null;
        try {
            code = entry.Invoke(null, entry.GetParameters().Length == 0 ? new object[0] : new object[] { new string[0] });
        } catch (Exception failure) {
            Exception problem = failure is TargetInvocationException && failure.InnerException != null ? failure.InnerException : failure;
            if (!asked) Stop(107, "the tests ask nothing of the answer");
            bool inside = remote.Contains(problem);
            Count(ask, "1", "0", inside ? "0" : "1", inside ? "1" : "0");
            Stop(inside ? 1 : 101, problem.GetType() + ": " + problem.Message);
        }
        if (code is int && (int)code != 0) return 101;
        if (words[2] == "0") Stop(108, "nothing was asserted");
        if (!asked) Stop(107, "the tests ask nothing of the answer");
        Console.Out.Flush();
        Count(ask, words[2], words[2], "0", "0");
        byte[] token = Told(ask, tell);
        if (token == null) return 1;
        ask.Write(key, 0, 32);
        ask.Write(token, 0, token.Length);
        ask.Flush();
        Environment.Exit(0);
        return 0;
    }

    static void Count(Stream ask, string total, string passed, string failed, string errors) {
        byte[] report = Encoding.ASCII.GetBytes(
            "{\"tests\":{\"total\":" + total + ",\"passed\":" + passed + ",\"failed\":" + failed + ",\"errors\":" + errors + "}}\n");
        ask.Write(report, 0, report.Length);
        ask.Flush();
    }

    static byte[] Told(Stream ask, Stream tell) {
        var said = new byte[33];
        ask.WriteByte((byte)'?');
        ask.Flush();
        for (int done = 0, got; done < said.Length; done += got) {
            got = tell.Read(said, done, said.Length - done);
            if (got <= 0) return null;
        }
        return said;
    }
}
