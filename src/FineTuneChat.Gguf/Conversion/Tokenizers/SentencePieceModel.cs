using System.Buffers.Binary;
using System.Text;

namespace FineTuneChat.Gguf.Conversion.Tokenizers;

/// <summary>A piece of a SentencePiece model.</summary>
/// <param name="Text">As it is written, a space as ▁.</param>
/// <param name="Score">The higher, the earlier it is merged, or the likelier it is.</param>
/// <param name="Type">Its kind.</param>
internal sealed record SentencePiece(string Text, float Score, TokenType Type);

/// <summary>
/// <c>tokenizer.model</c>: SentencePiece's own file, a protocol buffer (https://github.com/google/sentencepiece, <c>sentencepiece_model.proto</c>), of which
/// a few fields matter here.
/// </summary>
internal sealed class SentencePieceModel
{
    private const int Unigram = 1, Bpe = 2;
    private const int WireVarint = 0, WireFixed64 = 1, WireBytes = 2, WireFixed32 = 5;

    private readonly List<SentencePiece> _pieces = [];
    private int _kind = Unigram; // the proto's defaults, here and below

    public IReadOnlyList<SentencePiece> Pieces => _pieces;

    /// <summary>Whether pieces are chosen by their probabilities, not by merging.</summary>
    public bool IsUnigram => _kind == Unigram;

    public bool AddsDummyPrefix { get; private set; } = true;

    public bool RemovesExtraSpaces { get; private set; } = true;

    /// <summary>Rules of normalisation, compiled.</summary>
    public byte[] CharacterMap { get; private set; } = [];

    /// <exception cref="InvalidDataException">It is no such file, or words or characters are its pieces.</exception>
    public static SentencePieceModel Parse(string path, ReadOnlySpan<byte> bytes)
    {
        var model = new SentencePieceModel();
        try
        {
            foreach (Field field in Fields(bytes))
                model.Take(field, bytes);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"{path} is no SentencePiece model ({e.Message.TrimEnd('.')}). Download it again.", e);
        }

        if (model._pieces.Count == 0)
            throw new InvalidDataException($"{path} is no SentencePiece model: it has no pieces. Download it again.");
        return model._kind is Unigram or Bpe
            ? model
            : throw new NotSupportedException($"{path}: its pieces are words or characters; models of kind BPE and Unigram can be converted.");
    }

    private void Take(Field field, ReadOnlySpan<byte> bytes)
    {
        switch (field.Number)
        {
            case 1: _pieces.Add(Piece(bytes[field.Range])); break;
            case 2: Trainer(bytes[field.Range]); break;
            case 3: Normaliser(bytes[field.Range]); break;
        }
    }

    private static SentencePiece Piece(ReadOnlySpan<byte> bytes)
    {
        var (text, score, type) = ("", 0f, TokenType.Normal);
        foreach (Field field in Fields(bytes))
        {
            switch (field.Number)
            {
                case 1: text = Encoding.UTF8.GetString(bytes[field.Range]); break;
                case 2: score = BitConverter.UInt32BitsToSingle((uint)field.Value); break;
                case 3: type = (TokenType)field.Value; break;
            }
        }

        return Enum.IsDefined(type) && float.IsFinite(score) ? new SentencePiece(text, score, type) : throw new FormatException($"piece '{text}' is damaged");
    }

    private void Trainer(ReadOnlySpan<byte> bytes)
    {
        foreach (Field field in Fields(bytes))
        {
            if (field.Number == 3)
                _kind = (int)field.Value;
        }
    }

    private void Normaliser(ReadOnlySpan<byte> bytes)
    {
        foreach (Field field in Fields(bytes))
        {
            switch (field.Number)
            {
                case 2: CharacterMap = bytes[field.Range].ToArray(); break;
                case 3: AddsDummyPrefix = field.Value != 0; break;
                case 4: RemovesExtraSpaces = field.Value != 0; break;
            }
        }
    }

    /// <summary>The fields of a message: bytes as a range, numbers as a value.</summary>
    private static List<Field> Fields(ReadOnlySpan<byte> bytes)
    {
        var fields = new List<Field>();
        for (int at = 0; at < bytes.Length;)
        {
            ulong tag = Varint(bytes, ref at);
            int number = (int)Math.Min(tag >> 3, int.MaxValue), start = at;
            switch ((int)(tag & 7))
            {
                case WireVarint: fields.Add(new Field(number, default, Varint(bytes, ref at))); break;
                case WireFixed32: fields.Add(new Field(number, default, BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]))); at += 4; break;
                case WireFixed64: at = checked(start + 8); break;
                case WireBytes:
                    ulong length = Varint(bytes, ref at);
                    if (length > (ulong)(bytes.Length - at))
                        throw new FormatException("it ends within a field: it was cut off");
                    fields.Add(new Field(number, at..(at + (int)length), 0));
                    at += (int)length;
                    break;
                default: throw new FormatException("it holds an unknown kind of field");
            }
        }

        return fields;
    }

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = at < bytes.Length ? bytes[at++] : throw new FormatException("it ends within a number: it was cut off");
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new FormatException("a number in it is too long");
    }

    private readonly record struct Field(int Number, Range Range, ulong Value);
}
