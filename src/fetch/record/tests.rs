use super::*;

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[kind, 3, 3], &length[..], content].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

/// All events of a stream that comes in pieces of so many bytes.
fn events(stream: &[u8], piece: usize) -> Result<Vec<Event>, RecordError> {
    let mut records = Records::default();
    let mut events = Vec::new();
    for piece in stream.chunks(piece) {
        records.hear(piece);
        while let Some(event) = records.next()? {
            events.push(event);
        }
    }
    Ok(events)
}

#[test]
fn messages_come_together_whatever_their_pieces() {
    let messages = [message(2, b"hello"), message(11, &[7; 40_000]), message(14, b"")].concat();
    let expected = [(2, b"hello".to_vec()), (11, vec![7; 40_000]), (14, Vec::new())]
        .map(|(kind, body)| Event::Message { kind, body });
    for in_record in [1, 3, 4, 511, 16_384] {
        let stream: Vec<u8> = messages.chunks(in_record).flat_map(|part| record(22, part)).collect();
        for piece in [1, 2, 5, 1000, usize::MAX] {
            if in_record == 1 && piece < 1000 {
                continue;
            }
            assert_eq!(events(&stream, piece).unwrap(), expected, "{in_record} in a record, {piece} heard");
        }
    }
}

#[test]
fn lengths_that_lie_are_refused_at_once() {
    let too_long = [22, 3, 3, 0x48, 0x01];
    assert_eq!(events(&too_long, 1), Err(RecordError::RecordTooLong { offset: 0, length: 0x4801 }));
    let huge = record(22, &[11, 0xff, 0xff, 0xff]);
    let most = limits::HANDSHAKE_MESSAGE_BYTES;
    assert_eq!(events(&huge, 1), Err(RecordError::MessageTooLong { kind: 11, length: 0xff_ffff, most }));
}

#[test]
fn what_is_no_record_is_named_with_its_place() {
    let stream = [record(22, &message(0, b"")), b"HTTP/1.1".to_vec()].concat();
    assert_eq!(
        events(&stream, 64),
        Err(RecordError::NotARecord { offset: 9, kind: b'H', major: b'T', minor: b'T' })
    );
}

#[test]
fn other_records_within_a_message_are_refused() {
    let torn = message(11, b"certificates");
    let stream = [record(22, &torn[..6]), record(21, &[1, 0]), record(22, &torn[6..])].concat();
    assert_eq!(events(&stream, 64), Err(RecordError::Interleaved(21)));
}

#[test]
fn warnings_and_empty_records_do_not_go_on_for_ever() {
    let warning = record(21, &[1, 112]);
    assert_eq!(events(&warning.repeat(3), 64).unwrap().len(), 3);
    assert_eq!(events(&warning.repeat(100), 64), Err(RecordError::Idle(limits::IDLE_RECORDS)));
    assert_eq!(events(&record(22, b"").repeat(100), 64), Err(RecordError::Idle(limits::IDLE_RECORDS)));
    assert_eq!(events(&record(21, &[2, 40, 0]), 64), Err(RecordError::Alert(3)));
    let endless = record(20, &[1]).repeat(limits::HANDSHAKE_RECORDS + 1);
    assert_eq!(events(&endless, 4096), Err(RecordError::TooManyRecords(limits::HANDSHAKE_RECORDS)));
}
