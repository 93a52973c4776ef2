//! Which hosts a redirect may lead to: public ones, written plainly.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why a host is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// There is none.
    #[error("the host is missing")]
    Missing,
    /// Upper case, an underscore, an empty label: not a name that resolves as it is written.
    #[error("the host must be a domain name in lower case (letters, digits, hyphens, dots)")]
    NotAName,
    /// `xn--`: a name that may look like another one.
    #[error("the host must not be an internationalized name (xn--)")]
    Punycode,
    /// `intranet`, `localhost`.
    #[error("the host must be a full domain name: it leads people to a place of their own network")]
    Local,
    /// A number in another shape than an IP address's usual one.
    #[error("the host looks like an IP address in an unusual form")]
    OddAddress,
    /// An address that is not on the public internet.
    #[error("the host is a private, loopback, link-local or reserved address")]
    PrivateAddress,
}

/// Checks the host of an `https` redirect URI (without its port).
pub(super) fn check(host: &str) -> Result<(), HostError> {
    if host.is_empty() {
        return Err(HostError::Missing);
    }
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']').ok_or(HostError::OddAddress)?;
        let address: Ipv6Addr = inner.parse().map_err(|_| HostError::OddAddress)?;
        return check_address(IpAddr::V6(address), inner);
    }
    // Browsers read 127.1, 2130706433 and 0x7f000001 as addresses: all end in a number.
    if host.rsplit('.').next().is_some_and(is_number) {
        let address: Ipv4Addr = host.parse().map_err(|_| HostError::OddAddress)?;
        return check_address(IpAddr::V4(address), host);
    }
    check_name(host)
}

fn check_name(host: &str) -> Result<(), HostError> {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Err(HostError::NotAName);
    }
    if host.split('.').any(|label| label.starts_with("xn--")) {
        return Err(HostError::Punycode);
    }
    match host.rsplit_once('.') {
        None | Some((_, "localhost")) => Err(HostError::Local),
        Some(_) => Ok(()),
    }
}

fn is_number(label: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_hexdigit());
    let label = label.to_ascii_lowercase();
    label
        .strip_prefix("0x")
        .map_or(!label.is_empty() && digits(&label), hex)
}

fn check_address(address: IpAddr, written: &str) -> Result<(), HostError> {
    if address.to_string() != written {
        return Err(HostError::OddAddress);
    }
    let public = match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    };
    if public {
        Ok(())
    } else {
        Err(HostError::PrivateAddress)
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_reserved = match (first, second) {
        // This network; carrier NAT; protocol assignments; benchmarking; class E.
        (0 | 240.., _) | (100, 64..=127) | (198, 18..=19) => true,
        (192, 0) => third == 0,
        _ => false,
    };
    !(is_reserved
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation())
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Only 2000::/3 is given out; 2001::/23 (Teredo and others), 2001:db8::/32 and 2002::/16 (6to4)
    // in it can stand for something else.
    match address.segments() {
        [0x2001, second, ..] => second >= 0x0200 && second != 0x0db8,
        [0x2002, ..] => false,
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_names_and_addresses_pass() {
        for host in [
            "bot.example",
            "prod-ni-cic.clova.ai",
            "c2c-us.smartthings.com",
            "8.8.8.8",
            "3.example.com",
            "192.0.1.1",
            "[2606:4700::1111]",
            "[2001:4860:4860::8888]",
        ] {
            assert_eq!(check(host), Ok(()), "{host}");
        }
    }

    #[test]
    fn every_other_host_is_refused_with_its_reason() {
        use HostError::{Local, Missing, NotAName, OddAddress, PrivateAddress, Punycode};
        for (host, error) in [
            ("", Missing),
            ("Bot.example", NotAName),
            ("bot_1.example", NotAName),
            ("bot..example", NotAName),
            ("bot.example.", NotAName),
            (".example", NotAName),
            ("-bot.example", NotAName),
            ("bot.example:8", NotAName),
            ("bot%2eexample", NotAName),
            ("xn--bcher-kva.example", Punycode),
            ("shop.xn--fiqs8s", Punycode),
            ("localhost", Local),
            ("bot.localhost", Local),
            ("intranet", Local),
            ("127.1", OddAddress),
            ("0x7f000001", OddAddress),
            ("2130706433", OddAddress),
            ("0177.0.0.1", OddAddress),
            ("127.0.0.0x1", OddAddress),
            ("256.1.1.1", OddAddress),
            ("[::1", OddAddress),
            ("[::ffff:7f00:1]", OddAddress),
            ("[0:0:0:0:0:0:0:1]", OddAddress),
            ("[fe80::1%25eth0]", OddAddress),
            ("127.0.0.1", PrivateAddress),
            ("0.0.0.0", PrivateAddress),
            ("10.1.2.3", PrivateAddress),
            ("172.16.0.1", PrivateAddress),
            ("192.168.0.1", PrivateAddress),
            ("169.254.169.254", PrivateAddress),
            ("100.64.0.1", PrivateAddress),
            ("192.0.0.8", PrivateAddress),
            ("192.0.2.1", PrivateAddress),
            ("198.18.0.1", PrivateAddress),
            ("224.0.0.1", PrivateAddress),
            ("255.255.255.255", PrivateAddress),
            ("[::1]", PrivateAddress),
            ("[::]", PrivateAddress),
            ("[fe80::1]", PrivateAddress),
            ("[fd00::1]", PrivateAddress),
            ("[ff02::1]", PrivateAddress),
            ("[::ffff:127.0.0.1]", PrivateAddress),
            ("[64:ff9b::7f00:1]", PrivateAddress),
            ("[2001:db8::1]", PrivateAddress),
            ("[2002:7f00:1::]", PrivateAddress),
        ] {
            assert_eq!(check(host), Err(error), "{host}");
        }
    }

    #[test]
    fn a_name_is_as_long_as_dns_has_it() {
        let labels = ["a".repeat(63), "b".repeat(63), "c".repeat(63)].join(".");
        let longest = format!("{labels}.{}", "d".repeat(61));
        assert_eq!((longest.len(), check(&longest)), (253, Ok(())));
        assert_eq!(check(&format!("{longest}d")), Err(HostError::NotAName));
    }
}
