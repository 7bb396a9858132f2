using System.IO.Compression;
using System.Text;
using FineTuneChat.Datasets.Reports;
using Parquet.Schema;
using Parquet.Serialization;

namespace FineTuneChat.Datasets.Tests;

/// <summary>Files that are cut off or damaged are refused in words, or read as far as they are sound; nothing else comes of them.</summary>
public sealed class DamagedFileTests
{
    private const int Damages = 150; // of each file
    private const int Memory = 300 << 20; // bytes that reading one may allocate, whatever it says of itself

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Data");

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Folder).Select(f => Path.GetFileName(f)!), "parquet", "gzip", "zip", "whatsapp", "utf-16"];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task What_is_damaged_is_told_in_words(string name)
    {
        byte[] file = await BytesOfAsync(name);
        var random = new Random(7);
        for (int i = 0; i < Damages; i++)
        {
            byte[] damaged = i % 3 == 0 ? file[..random.Next(file.Length)] : [.. file];
            for (int k = 0; k < i % 4 && damaged.Length > 0; k++)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var read = new DatasetText(damaged, options: new DatasetOptions { As = "Luis" });
                Assert.All(read.Rows, row => Assert.False(row is { Conversation: not null, Error: not null }));
            }
            catch (Exception e) when (e is InvalidDataException or DatasetQuestionException)
            {
                Assert.InRange(e.Message.Length, 10, 2_000);
                Assert.DoesNotContain('\n', e.Message);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Memory);
        }
    }

    private static async Task<byte[]> BytesOfAsync(string name)
    {
        const string Row = """{"prompt":"¿Abren mañana?","completion":"Sí, señor"}""";
        var packed = new MemoryStream();
        switch (name)
        {
            case "parquet":
                var rows = Enumerable.Range(0, 20)
                    .Select(i => (IDictionary<string, object?>)new Dictionary<string, object?> { ["question"] = $"{i}?", ["answer"] = $"{i}!" });
                await ParquetSerializer.SerializeUntypedAsync(
                    [.. rows], new ParquetSchema(new DataField<string>("question"), new DataField<string>("answer")), packed, null, null, default);
                break;
            case "gzip":
                await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
                    gzip.Write(Encoding.UTF8.GetBytes(Row));
                break;
            case "zip":
                using (var archive = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
                await using (Stream entry = archive.CreateEntry("a.jsonl").Open())
                    entry.Write(Encoding.UTF8.GetBytes(Row));
                break;
            case "whatsapp":
                return Encoding.UTF8.GetBytes("12/03/24, 10:15 - Ana: Hola\n12/03/24, 10:16 - Luis: Buenas\n[1/2/24, 10:17:00] Luis: ¿Qué?\n");
            case "utf-16":
                return Encoding.Unicode.GetBytes($"[{Row},{Row}]");
            default:
                return await File.ReadAllBytesAsync(Path.Combine(Folder, name));
        }
        return packed.ToArray();
    }
}
