//! One object of a Java serialization stream (Java Object Serialization Specification, chapter 6), as far as
//! JCEKS has any: fields that are strings, arrays of bytes and, where the caller allows them, constants of an
//! enum. No value nests in another, so nothing recurs.

use super::cursor::Cursor;
use super::error::Problem;
use super::modified_utf8;

/// Classes above a class; the real one has a single one.
const SUPERCLASSES: usize = 8;

pub(super) const STREAM_MAGIC: u16 = 0xaced;
pub(super) const STREAM_VERSION: u16 = 5;
const FIRST_HANDLE: u32 = 0x7e_0000;

pub(super) const TC_NULL: u8 = 0x70;
pub(super) const TC_REFERENCE: u8 = 0x71;
pub(super) const TC_CLASSDESC: u8 = 0x72;
pub(super) const TC_OBJECT: u8 = 0x73;
pub(super) const TC_STRING: u8 = 0x74;
pub(super) const TC_ARRAY: u8 = 0x75;
const TC_BLOCKDATA: u8 = 0x77;
pub(super) const TC_ENDBLOCKDATA: u8 = 0x78;
const TC_BLOCKDATALONG: u8 = 0x7a;
const TC_ENUM: u8 = 0x7e;

const SC_WRITE_METHOD: u8 = 0x01;
pub(super) const SC_SERIALIZABLE: u8 = 0x02;
const SC_EXTERNALIZABLE: u8 = 0x04;

/// An object that was read.
pub(super) struct Object<'a> {
    /// The name of its class.
    pub(super) class: String,
    fields: Vec<(&'a [u8], Value<'a>)>,
}

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// Null, or a number.
    Other,
    /// A string, in modified UTF-8.
    Text(&'a [u8]),
    /// An array of bytes.
    Octets(&'a [u8]),
    /// A constant of an enum, by its name.
    Constant(&'a [u8]),
}

impl<'a> Object<'a> {
    /// Reads the object of a stream, which must be of one of the classes.
    pub(super) fn read(cursor: &mut Cursor<'a>, classes: &[&str], constants: bool) -> Result<Self, Problem> {
        let start = Cursor::new(cursor.rest());
        let mut stream = Stream { cursor: start, handles: Vec::new(), constants };
        let object = stream.object(classes)?;
        cursor.take(stream.cursor.position())?;
        Ok(object)
    }

    /// The octets of a field that is an array of bytes.
    pub(super) fn octets(&self, field: &str) -> Option<&'a [u8]> {
        match self.value(field)? {
            Value::Octets(octets) => Some(octets),
            _ => None,
        }
    }

    /// The text of a field that is a string.
    pub(super) fn text(&self, field: &str) -> Option<String> {
        match self.value(field)? {
            Value::Text(text) => modified_utf8::decode(text),
            _ => None,
        }
    }

    /// The value of a field.
    pub(super) fn value(&self, field: &str) -> Option<Value<'a>> {
        self.fields.iter().find(|(name, _)| *name == field.as_bytes()).map(|&(_, value)| value)
    }
}

struct Stream<'a> {
    cursor: Cursor<'a>,
    /// What later parts of the stream may refer to, in the order of appearance.
    handles: Vec<Handle<'a>>,
    /// Whether fields may be constants of an enum.
    constants: bool,
}

enum Handle<'a> {
    Class(Class<'a>),
    Value(Value<'a>),
}

struct Class<'a> {
    name: String,
    flags: u8,
    /// The type code and the name of each field.
    fields: Vec<Field<'a>>,
    superclass: Option<usize>,
}

type Field<'a> = (u8, &'a [u8]);

impl<'a> Stream<'a> {
    fn object(&mut self, classes: &[&str]) -> Result<Object<'a>, Problem> {
        if (self.cursor.u16()?, self.cursor.u16()?) != (STREAM_MAGIC, STREAM_VERSION) {
            return Err(sealed("it does not begin as a Java serialization stream"));
        }
        if self.cursor.u8()? != TC_OBJECT {
            return Err(sealed("the stream holds no object"));
        }
        let class = self.class_description()?;
        let lineage = self.lineage(class, classes)?;
        let class = match class.and_then(|handle| self.handles.get(handle)) {
            Some(Handle::Class(class)) => class.name.clone(),
            _ => String::new(),
        };
        self.handles.push(Handle::Value(Value::Other));
        let mut found = Vec::new();
        for (flags, fields) in lineage {
            for (code, name) in fields {
                found.push((name, self.field(code)?));
            }
            if flags & SC_WRITE_METHOD != 0 {
                self.annotation()?;
            }
        }
        Ok(Object { class, fields: found })
    }

    /// The flags and fields of the object's classes, the topmost class first, as their data stand in the
    /// stream.
    fn lineage(&self, class: Option<usize>, classes: &[&str]) -> Result<Vec<(u8, Vec<Field<'a>>)>, Problem> {
        let mut lineage = Vec::new();
        let mut next = class;
        while let Some(handle) = next {
            let Some(Handle::Class(class)) = self.handles.get(handle) else {
                return Err(sealed("a reference to a class leads elsewhere"));
            };
            if lineage.is_empty() && !classes.contains(&class.name.as_str()) {
                let (name, wanted) = (class.name.escape_debug(), classes.join(" or "));
                return Err(Problem::Sealed(format!("an object of class {name}, which is no {wanted}")));
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
            let field = self.cursor.short_counted()?;
            if matches!(code, b'[' | b'L') {
                self.type_name()?;
            }
            codes.push((code, field));
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
            TC_STRING => self.string().map(|_| ()),
            TC_REFERENCE => self.reference().map(|_| ()),
            other => Err(Problem::Sealed(format!("0x{other:02x} begins no name of a type"))),
        }
    }

    fn field(&mut self, code: u8) -> Result<Value<'a>, Problem> {
        let size = match code {
            b'B' | b'Z' => 1,
            b'C' | b'S' => 2,
            b'F' | b'I' => 4,
            b'D' | b'J' => 8,
            b'[' | b'L' => return self.value(),
            other => return Err(Problem::Sealed(format!("0x{other:02x} is no type of a field"))),
        };
        self.cursor.take(size).map(|_| Value::Other)
    }

    /// Null, a reference, a string, an array of bytes or a constant.
    fn value(&mut self) -> Result<Value<'a>, Problem> {
        match self.cursor.u8()? {
            TC_NULL => Ok(Value::Other),
            TC_REFERENCE => {
                let handle = self.reference()?;
                match self.handles.get(handle) {
                    Some(Handle::Value(value)) => Ok(*value),
                    _ => Err(sealed("a reference to a value leads elsewhere")),
                }
            }
            TC_STRING => self.string(),
            TC_ARRAY => {
                let class = self.class_description()?.and_then(|handle| self.handles.get(handle));
                if !matches!(class, Some(Handle::Class(class)) if class.name == "[B") {
                    return Err(sealed("an array that is not of bytes"));
                }
                let handle = self.handles.len();
                self.handles.push(Handle::Value(Value::Other));
                let value = Value::Octets(self.cursor.counted()?);
                self.settle(handle, value);
                Ok(value)
            }
            TC_ENUM if self.constants => {
                self.class_description()?;
                let handle = self.handles.len();
                self.handles.push(Handle::Value(Value::Other));
                let name = match self.cursor.u8()? {
                    TC_STRING => self.string()?,
                    TC_REFERENCE => {
                        let name = self.reference()?;
                        self.handles.get(name).map_or(Value::Other, |handle| match handle {
                            Handle::Value(value) => *value,
                            Handle::Class(_) => Value::Other,
                        })
                    }
                    _ => return Err(sealed("a constant without a name")),
                };
                let Value::Text(name) = name else { return Err(sealed("a constant without a name")) };
                let value = Value::Constant(name);
                self.settle(handle, value);
                Ok(value)
            }
            other => Err(Problem::Sealed(format!("0x{other:02x} begins neither a string nor bytes"))),
        }
    }

    /// A string after its tag.
    fn string(&mut self) -> Result<Value<'a>, Problem> {
        let value = Value::Text(self.cursor.short_counted()?);
        self.handles.push(Handle::Value(value));
        Ok(value)
    }

    /// Gives a handle the value that was not known when its turn came.
    fn settle(&mut self, handle: usize, value: Value<'a>) {
        if let Some(entry) = self.handles.get_mut(handle) {
            *entry = Handle::Value(value);
        }
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
