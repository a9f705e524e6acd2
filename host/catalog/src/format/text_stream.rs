//! A file as UTF-8, whatever its encoding, in bounded memory.

use std::io::{self, Read};

use encoding_rs::{DecoderResult, Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::FileEncoding;

const CHUNK: usize = 64 * 1024;

/// In place of bytes that stand for nothing: never valid UTF-8, so that the row is refused.
const INVALID: u8 = 0xff;

/// Reads a file and gives it out as UTF-8.
pub(crate) struct TextStream<R> {
    file: R,
    raw: Box<[u8]>,
    from: usize,
    to: usize,
    /// Up to here, what was loaded is known to be ASCII.
    ascii_to: usize,
    ended: bool,
    bytes_read: u64,
    mode: Mode,
    text: Vec<u8>,
    text_from: usize,
}

enum Mode {
    /// ASCII so far, and nothing was said: the first other byte decides.
    Open,
    Utf8,
    Decoding {
        decoder: Box<encoding_rs::Decoder>,
        encoding: FileEncoding,
        guessed: bool,
        finished: bool,
    },
}

impl<R> std::fmt::Debug for TextStream<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextStream")
            .field("bytes_read", &self.bytes_read)
            .finish_non_exhaustive()
    }
}

impl<R: Read> TextStream<R> {
    pub(crate) fn new(file: R) -> Self {
        Self {
            file,
            raw: vec![0; CHUNK].into_boxed_slice(),
            from: 0,
            to: 0,
            ascii_to: 0,
            ended: false,
            bytes_read: 0,
            mode: Mode::Open,
            text: Vec::new(),
            text_from: 0,
        }
    }

    /// Bytes of the file that were read.
    pub(crate) const fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// The encoding, and whether it was guessed.
    pub(crate) const fn encoding(&self) -> (FileEncoding, bool) {
        match &self.mode {
            Mode::Open | Mode::Utf8 => (FileEncoding::Utf8, false),
            Mode::Decoding { encoding, guessed, .. } => (*encoding, *guessed),
        }
    }

    /// The first bytes of the file as they are, as many as a chunk has.
    pub(crate) fn start(&mut self) -> io::Result<&[u8]> {
        self.load(CHUNK)?;
        Ok(self.raw.get(self.from..self.to).unwrap_or_default())
    }

    /// Pass over bytes of the file: a byte order mark.
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.from = self.to.min(self.from + bytes);
    }

    /// Read on in this encoding.
    pub(crate) fn decode(&mut self, encoding: FileEncoding, guessed: bool) {
        let decoder = |of: &'static Encoding| Mode::Decoding {
            decoder: Box::new(of.new_decoder_without_bom_handling()),
            encoding,
            guessed,
            finished: false,
        };
        self.mode = match encoding {
            FileEncoding::Utf8 => Mode::Utf8,
            FileEncoding::Utf16Le => decoder(UTF_16LE),
            FileEncoding::Utf16Be => decoder(UTF_16BE),
            FileEncoding::Windows1252 => decoder(WINDOWS_1252),
        };
    }

    /// Text that was read and not consumed yet; empty at the end of the file.
    pub(crate) fn fill(&mut self) -> io::Result<&[u8]> {
        if self.text_from < self.text.len() {
            return Ok(self.text.get(self.text_from..).unwrap_or_default());
        }
        if matches!(self.mode, Mode::Open) {
            if self.ascii_to <= self.from {
                self.load(1)?;
                let loaded = self.raw.get(self.from..self.to).unwrap_or_default();
                self.ascii_to = self.from + Encoding::ascii_valid_up_to(loaded);
            }
            if self.ascii_to > self.from || self.from == self.to {
                return Ok(self.raw.get(self.from..self.ascii_to).unwrap_or_default());
            }
            self.decide()?;
        }
        if matches!(self.mode, Mode::Decoding { .. }) {
            self.transcode()?;
            return Ok(&self.text);
        }
        self.load(1)?;
        Ok(self.raw.get(self.from..self.to).unwrap_or_default())
    }

    /// Pass over text that [`fill`](Self::fill) returned.
    pub(crate) fn consume(&mut self, bytes: usize) {
        if self.text_from < self.text.len() {
            self.text_from += bytes;
        } else {
            self.from += bytes;
        }
    }

    /// Have at least so many bytes of the file, or all that is left.
    fn load(&mut self, least: usize) -> io::Result<()> {
        if self.to - self.from >= least.min(self.raw.len()) || self.ended {
            return Ok(());
        }
        self.raw.copy_within(self.from..self.to, 0);
        (self.from, self.to, self.ascii_to) = (0, self.to - self.from, 0);
        while self.to < least.min(self.raw.len()) && !self.ended {
            let space = self.raw.get_mut(self.to..).unwrap_or_default();
            match self.file.read(space) {
                Ok(0) => self.ended = true,
                Ok(read) => {
                    self.to += read;
                    self.bytes_read += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The first byte outside of ASCII decides: a character of UTF-8, or else Windows-1252.
    fn decide(&mut self) -> io::Result<()> {
        self.load(4)?;
        let next = self.raw.get(self.from..self.to.min(self.from + 4)).unwrap_or_default();
        let is_utf8 = match std::str::from_utf8(next) {
            Ok(_) => true,
            Err(error) => error.valid_up_to() > 0,
        };
        let encoding = if is_utf8 {
            FileEncoding::Utf8
        } else {
            FileEncoding::Windows1252
        };
        self.decode(encoding, !is_utf8);
        Ok(())
    }

    /// Decode what was loaded, until there is text or the file has ended.
    fn transcode(&mut self) -> io::Result<()> {
        self.text.clear();
        self.text_from = 0;
        while self.text.is_empty() {
            self.load(1)?;
            let Mode::Decoding { decoder, finished, .. } = &mut self.mode else {
                return Ok(());
            };
            if *finished {
                return Ok(());
            }
            let raw = self.raw.get(self.from..self.to).unwrap_or_default();
            let last = self.ended && raw.is_empty();
            self.text.resize(CHUNK * 3, 0);
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(raw, &mut self.text, last);
            self.text.truncate(written);
            self.from += read;
            match result {
                DecoderResult::Malformed(..) => self.text.push(INVALID),
                DecoderResult::InputEmpty if last => *finished = true,
                DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
            }
        }
        Ok(())
    }
}
