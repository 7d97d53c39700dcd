package sandbox

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"sync"
	"time"
)

// bilingual takes connections in plain text and with TLS on one port: the first
// byte tells which. Slipway speaks plain text to loopback; nullplatform's
// Terraform provider knows https alone.
type bilingual struct {
	net.Listener
	identity func() (*identity, error)
}

// identity is a certificate of its own and no other's, made when the first
// client asks for it.
type identity struct {
	pem  []byte
	pair tls.Certificate
}

func newBilingual(l net.Listener, now func() time.Time) *bilingual {
	return &bilingual{Listener: l, identity: sync.OnceValues(func() (*identity, error) { return newIdentity(now()) })}
}

// Accept gives a connection that has not been read from yet; what it speaks is
// found out by its first reader, so that a slow client holds up nobody.
func (b *bilingual) Accept() (net.Conn, error) {
	conn, err := b.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &undecided{Conn: conn, identity: b.identity}, nil
}

// authority is the certificate as clients take it.
func (b *bilingual) authority() ([]byte, error) {
	id, err := b.identity()
	if err != nil {
		return nil, err
	}
	return id.pem, nil
}

// handshake is the first byte of every TLS connection:
// https://www.rfc-editor.org/rfc/rfc8446#section-5.1
const handshake = 22

// undecided is a connection before its first byte.
type undecided struct {
	net.Conn
	identity func() (*identity, error)

	once   sync.Once
	mu     sync.Mutex
	spoken net.Conn
}

// peeked is a connection whose first bytes wait in a buffer.
type peeked struct {
	net.Conn
	r *bufio.Reader
}

func (p *peeked) Read(b []byte) (int, error) { return p.r.Read(b) }

func (u *undecided) decide() net.Conn {
	u.once.Do(func() {
		plain := &peeked{Conn: u.Conn, r: bufio.NewReader(u.Conn)}
		var spoken net.Conn = plain
		if first, err := plain.r.Peek(1); err == nil && first[0] == handshake {
			spoken = tls.Server(plain, &tls.Config{
				MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
				GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
					id, err := u.identity()
					if err != nil {
						return nil, err
					}
					return &id.pair, nil
				},
			})
		}
		u.mu.Lock()
		u.spoken = spoken
		u.mu.Unlock()
	})
	return u.spoken
}

func (u *undecided) Read(b []byte) (int, error) { return u.decide().Read(b) }

// Write comes after the first read: a server answers.
func (u *undecided) Write(b []byte) (int, error) { return u.decide().Write(b) }

// SetLinger is the connection's own, for one that is to end with a reset.
func (u *undecided) SetLinger(sec int) error {
	if tcp, ok := u.Conn.(*net.TCPConn); ok {
		return tcp.SetLinger(sec)
	}
	return nil
}

// Close says goodbye in the language that was spoken, if any was.
func (u *undecided) Close() error {
	u.mu.Lock()
	spoken := u.spoken
	u.mu.Unlock()
	if spoken != nil {
		return spoken.Close()
	}
	return u.Conn.Close()
}

func newIdentity(now time.Time) (*identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key for the sandbox: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "slipway sandbox"},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(365 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, IsCA: true,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate for the sandbox: %w", err)
	}
	return &identity{
		pem:  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pair: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
	}, nil
}
