using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace FineTuneChat.Gateway.Storage.Transfer;

/// <summary>SHA-256 of a row: each value with its kind and its length, so that no two rows are written alike.</summary>
internal static class RowHash
{
    public static byte[] Of(object?[] row)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> head = stackalloc byte[5];
        foreach (object? value in row)
        {
            (byte kind, byte[] bytes) = value switch
            {
                null => ((byte)0, []),
                long number => ((byte)1, BitConverter.GetBytes(number)),
                bool flag => ((byte)2, [flag ? (byte)1 : (byte)0]),
                double number => ((byte)3, BitConverter.GetBytes(number)),
                string text => ((byte)4, Encoding.UTF8.GetBytes(text)),
                byte[] blob => ((byte)5, blob),
                _ => throw new InvalidOperationException($"No column has values of {value.GetType()}."),
            };
            head[0] = kind;
            BinaryPrimitives.WriteInt32LittleEndian(head[1..], bytes.Length);
            hash.AppendData(head);
            hash.AppendData(bytes);
        }
        return hash.GetHashAndReset();
    }
}
