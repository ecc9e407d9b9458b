//! The end of a serialized `SealedObject`, which is how JCEKS holds a secret key.
//!
//! JCEKS writes no length before it: only the grammar of the stream (Java Object Serialization
//! Specification, chapter 6) tells where it ends. Java itself deserializes nothing but a
//! `SealedObjectForKeyProtector` whose fields are strings and arrays of bytes
//! (`com.sun.crypto.provider.JceKeyStore.DeserializationChecker`); that is all that is walked here, so no
//! value nests in another and nothing recurs.

use super::cursor::Cursor;
use super::error::Problem;
use super::modified_utf8;

const CLASS: &str = "com.sun.crypto.provider.SealedObjectForKeyProtector";

/// Classes above a class; the real one has a single one.
const SUPERCLASSES: usize = 8;

const STREAM_MAGIC: u16 = 0xaced;
const STREAM_VERSION: u16 = 5;
const FIRST_HANDLE: u32 = 0x7e_0000;

const TC_NULL: u8 = 0x70;
const TC_REFERENCE: u8 = 0x71;
const TC_CLASSDESC: u8 = 0x72;
const TC_OBJECT: u8 = 0x73;
const TC_STRING: u8 = 0x74;
const TC_ARRAY: u8 = 0x75;
const TC_BLOCKDATA: u8 = 0x77;
const TC_ENDBLOCKDATA: u8 = 0x78;
const TC_BLOCKDATALONG: u8 = 0x7a;

const SC_WRITE_METHOD: u8 = 0x01;
const SC_SERIALIZABLE: u8 = 0x02;
const SC_EXTERNALIZABLE: u8 = 0x04;

/// Takes the bytes of one sealed object, its stream header included.
pub(super) fn take<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Problem> {
    let mut stream = Stream { cursor: Cursor::new(cursor.rest()), handles: Vec::new() };
    stream.sealed_object()?;
    cursor.take(stream.cursor.position())
}

struct Stream<'a> {
    cursor: Cursor<'a>,
    /// What later parts of the stream may refer to, in the order of appearance.
    handles: Vec<Handle>,
}

enum Handle {
    Class(Class),
    Value,
}

struct Class {
    name: String,
    flags: u8,
    /// The type code of each field.
    fields: Vec<u8>,
    superclass: Option<usize>,
}

impl Stream<'_> {
    fn sealed_object(&mut self) -> Result<(), Problem> {
        if (self.cursor.u16()?, self.cursor.u16()?) != (STREAM_MAGIC, STREAM_VERSION) {
            return Err(sealed("it does not begin as a Java serialization stream"));
        }
        if self.cursor.u8()? != TC_OBJECT {
            return Err(sealed("the stream holds no object"));
        }
        let class = self.class_description()?;
        let lineage = self.lineage(class)?;
        self.handles.push(Handle::Value);
        for (flags, fields) in lineage {
            for code in fields {
                self.field(code)?;
            }
            if flags & SC_WRITE_METHOD != 0 {
                self.annotation()?;
            }
        }
        Ok(())
    }

    /// The flags and fields of the object's classes, the topmost class first, as their data stand in the
    /// stream.
    fn lineage(&self, class: Option<usize>) -> Result<Vec<(u8, Vec<u8>)>, Problem> {
        let mut lineage = Vec::new();
        let mut next = class;
        while let Some(handle) = next {
            let Some(Handle::Class(class)) = self.handles.get(handle) else {
                return Err(sealed("a reference to a class leads elsewhere"));
            };
            if lineage.is_empty() && class.name != CLASS {
                let name = class.name.escape_debug();
                return Err(Problem::Sealed(format!("an object of class {name}, which is no {CLASS}")));
            }
            if class.flags & (SC_SERIALIZABLE | SC_EXTERNALIZABLE) != SC_SERIALIZABLE {
                return Err(sealed("a class that writes its data in a way of its own"));
            }
            if lineage.len() > SUPERCLASSES {
                return Err(sealed("a class with too many superclasses"));
            }
            lineage.push((class.flags, class.fields.clone()));
            next = class.superclass;
        }
        if lineage.is_empty() {
            return Err(sealed("an object without a class"));
        }
        lineage.reverse();
        Ok(lineage)
    }

    /// A class description with those of its superclasses, and the handle of the first.
    fn class_description(&mut self) -> Result<Option<usize>, Problem> {
        let mut first = None;
        let mut below: Option<usize> = None;
        for _ in 0..=SUPERCLASSES {
            let (handle, complete) = match self.cursor.u8()? {
                TC_NULL => (None, true),
                TC_REFERENCE => (Some(self.reference()?), true),
                TC_CLASSDESC => (Some(self.new_class()?), false),
                other => return Err(Problem::Sealed(format!("0x{other:02x} begins no class description"))),
            };
            match below.and_then(|below| self.handles.get_mut(below)) {
                Some(Handle::Class(class)) => class.superclass = handle,
                _ => first = handle,
            }
            if complete {
                return Ok(first);
            }
            below = handle;
        }
        Err(sealed("a class with too many superclasses"))
    }

    /// A class description after its tag and before its superclass.
    fn new_class(&mut self) -> Result<usize, Problem> {
        let name = modified_utf8::decode(self.cursor.short_counted()?).ok_or(Problem::Text)?;
        let _serial_version = self.cursor.i64()?;
        let handle = self.handles.len();
        self.handles.push(Handle::Class(Class { name, flags: 0, fields: Vec::new(), superclass: None }));
        let new_flags = self.cursor.u8()?;
        let count = self.cursor.u16()?;
        let mut codes = Vec::new();
        for _ in 0..count {
            let code = self.cursor.u8()?;
            self.cursor.short_counted()?;
            if matches!(code, b'[' | b'L') {
                self.type_name()?;
            }
            codes.push(code);
        }
        self.annotation()?;
        if let Some(Handle::Class(class)) = self.handles.get_mut(handle) {
            class.flags = new_flags;
            class.fields = codes;
        }
        Ok(handle)
    }

    /// The class of a field that is an object: a string or a reference to one (`ObjectInputStream`'s
    /// `readTypeString`). Were arrays taken here, their classes would have fields in turn, without end.
    fn type_name(&mut self) -> Result<(), Problem> {
        match self.cursor.u8()? {
            TC_STRING => {
                self.handles.push(Handle::Value);
                self.cursor.short_counted()?;
            }
            TC_REFERENCE => {
                self.reference()?;
            }
            other => return Err(Problem::Sealed(format!("0x{other:02x} begins no name of a type"))),
        }
        Ok(())
    }

    fn field(&mut self, code: u8) -> Result<(), Problem> {
        let size = match code {
            b'B' | b'Z' => 1,
            b'C' | b'S' => 2,
            b'F' | b'I' => 4,
            b'D' | b'J' => 8,
            b'[' | b'L' => return self.value(),
            other => return Err(Problem::Sealed(format!("0x{other:02x} is no type of a field"))),
        };
        self.cursor.take(size).map(|_| ())
    }

    /// Null, a reference, a string or an array of bytes.
    fn value(&mut self) -> Result<(), Problem> {
        match self.cursor.u8()? {
            TC_NULL => {}
            TC_REFERENCE => {
                self.reference()?;
            }
            TC_STRING => {
                self.handles.push(Handle::Value);
                self.cursor.short_counted()?;
            }
            TC_ARRAY => {
                let class = self.class_description()?.and_then(|handle| self.handles.get(handle));
                if !matches!(class, Some(Handle::Class(class)) if class.name == "[B") {
                    return Err(sealed("an array that is not of bytes"));
                }
                self.handles.push(Handle::Value);
                self.cursor.counted()?;
            }
            other => {
                return Err(Problem::Sealed(format!("0x{other:02x} begins neither a string nor bytes")));
            }
        }
        Ok(())
    }

    /// The index of what a reference refers to, which has appeared before.
    fn reference(&mut self) -> Result<usize, Problem> {
        let number = self.cursor.u32()?;
        number
            .checked_sub(FIRST_HANDLE)
            .and_then(|index| usize::try_from(index).ok())
            .filter(|&index| index < self.handles.len())
            .ok_or_else(|| sealed("a reference to what has not appeared"))
    }

    /// What a class adds of its own: block data only, as no class of a sealed object adds any.
    fn annotation(&mut self) -> Result<(), Problem> {
        loop {
            match self.cursor.u8()? {
                TC_ENDBLOCKDATA => return Ok(()),
                TC_BLOCKDATA => {
                    let length = self.cursor.u8()?;
                    self.cursor.take(usize::from(length))?;
                }
                TC_BLOCKDATALONG => {
                    self.cursor.counted()?;
                }
                other => return Err(Problem::Sealed(format!("0x{other:02x} begins no block data"))),
            }
        }
    }
}

fn sealed(what: &str) -> Problem {
    Problem::Sealed(what.to_owned())
}
