"""Invented patients by the hundred thousand, with names as unevenly spread as India's.

A few names are carried by very many (Kumar, Singh, Devi, Lakshmi), most by few. Nobody of them
exists; telephone numbers begin as Indian mobile numbers do, and are counted up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from store import mrn, patient_keys
from store.front_door import Store
from store.tables import Patient, table_of
from store.transaction import Transaction
from store.values import Actor


def _listed(names: str) -> list[str]:
    return names.split()


GIVEN = _listed(
    "Lakshmi Sunita Ramesh Rajesh Suresh Anita Sanjay Ram Mohammed Santosh Manoj Ashok Sita Geeta "
    "Vijay Anil Rekha Sunil Radha Raju Abdul Mohan Krishna Deepak Kavita Pooja Ravi Meena Asha "
    "Rahul Amit Priya Savitri Saraswati Laxmi Shanti Kamala Dinesh Mukesh Mahesh Ganesh Prakash "
    "Vinod Pramod Rakesh Naresh Pankaj Sandeep Pradeep Kuldeep Harpreet Gurpreet Manpreet "
    "Jaspreet Balwinder Sukhwinder Fatima Ayesha Shabana Nasreen Salma Zakir Imran Irfan Salim "
    "Rashid Karim Ibrahim Ismail Yusuf Farhan Jyoti Usha Uma Parvati Durga Kali Bimala Nirmala "
    "Urmila Sharmila Srinivas Venkatesh Venkata Narayana Subramanian Murugan Senthil Karthik Arun "
    "Balakrishnan Gopalakrishnan Ramakrishnan Muthu Selvi Kanaka Latha Vasantha Thomas George "
    "Mathew Joseph Mary Anna Mariamma Biju Shaji Aneesh Sreedevi Sindhu Bindu Reshma Divya Anjali "
    "Swati Neha Nisha Shreya Ananya Aarav Vivaan Aditya Arjun Rohan Rohit Nikhil Varun Tarun "
    "Siddharth Abhishek Vishwanath Chandra Surya Indira Gauri Poornima Aishwarya Bhavna Chetan "
    "Dhruv Esha Falguni Girish Hemant Ishaan Jagdish Kishore Lalit Madhav Naveen Omkar Payal "
    "Qasim Ritu Shankar Tanvi Umesh Vikas Wasim Yogesh Zubeda"
)
FAMILY = _listed(
    "Kumar Singh Devi Kumari Khan Sharma Yadav Das Patel Reddy Ram Prasad Begum Verma Gupta Lal "
    "Rao Khatun Bibi Kaur Mondal Ali Nair Pillai Shah Mishra Jadhav Patil Naidu Nayak Sahu Ansari "
    "Shaikh Chauhan Thakur Tiwari Pandey Jha Roy Ghosh Bose Sen Banerjee Mukherjee Chatterjee "
    "Iyer Iyengar Menon Nambiar Kurup Varghese Chacko Fernandes Pereira Gowda Shetty Hegde Bhat "
    "Kulkarni Deshpande Joshi Desai Mehta Agarwal Bansal Goyal Mittal Chopra Kapoor Malhotra "
    "Arora Sethi Gill Sandhu Dhillon Sidhu Chowdhury Sarkar Biswas Saha Dutta Rathore Rajput "
    "Chavan Shinde Pawar More Gaikwad Murthy Krishnan Venkataraman Subramaniam Swamy Achari "
    "Chettiar Mudaliar Thevar Nadar Gounder Siddiqui Qureshi Farooqui Rizvi Hussain Ahmed Islam "
    "Uddin Haque Miah Barman Kalita Gogoi Bora Oraon Munda Soren Tudu Hembram Meena Gurjar"
)
_MIDDLE = _listed("Kumar Lal Chandra Nath Devi Prasad Bai Rani Bhai Ben")
_HEADS = _listed(
    "Ban Chan Dhar Gar Hal Jaya Kan Lal Man Nara Pal Raj San Tar Ud Vala Yam Bhu Kri Shya"
)
_BODIES = _listed("a i u ara ika ula endra esh oda anda iva umar")
_TAILS = _listed(
    "pur wal ani kar swamy nath ppa kutty mma dev yar raj lingam tti vel garh ria sen wala m"
)
_OLDEST_DAYS = 92 * 365
_BATCH = 5_000
_FIRST_PHONE = 7_000_000_000
_TODAY = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Invented:
    """One of them."""

    name: str
    born: date
    phone: str


def people(count: int, seed: int = 1) -> Iterator[Invented]:
    """`count` invented patients; the same for the same seed."""
    random = Random(seed)
    given, family = _weights(GIVEN), _weights(FAMILY)
    step = 2_999_999_000 // max(count, 1)
    for number in range(count):
        words = [
            random.choices(GIVEN, cum_weights=given)[0] if random.random() < 0.9 else _rare(random)
        ]
        kind = random.random()
        if kind < 0.12:
            words.insert(random.randrange(2), random.choice("ABCDGHJKMNPRSTV") + ".")
        elif kind < 0.3:
            words.append(random.choice(_MIDDLE))
        if kind < 0.93:
            common = random.random() < 0.85
            words.append(random.choices(FAMILY, cum_weights=family)[0] if common else _rare(random))
        days = int(_OLDEST_DAYS * random.betavariate(1.6, 2.2))
        yield Invented(
            " ".join(dict.fromkeys(words)),
            _TODAY - timedelta(days=days),
            f"+91{_FIRST_PHONE + number * step + random.randrange(step)}",
        )


def admit(store: Store, desk: Actor, count: int, seed: int = 1) -> None:
    """Make them patients of a hospital that has none, in batches."""
    batch: list[tuple[int, Invented]] = []
    with store.transaction(desk) as tx:
        for number, one in enumerate(people(count, seed), start=1):
            batch.append((number, one))
            if len(batch) == _BATCH or number == count:
                _insert(tx, batch)
                batch.clear()


def _insert(tx: Transaction, batch: Sequence[tuple[int, Invented]]) -> None:
    rows = [
        {
            "id": number,
            "mrn": mrn.formed(number),
            "name": one.name,
            "birth_date": one.born,
            "birth_precision": "day",
            "phone": one.phone,
            "sex": "unknown",
            "address": "",
            "emergency_name": "",
            "language": "en",
            "is_active": True,
            **tx.stamps(),
        }
        for number, one in batch
    ]
    tx.session.execute(table_of(Patient).insert(), rows)
    patient_keys.write(
        tx.session,
        [
            patient_keys.Keyed(row["id"], row["name"], row["mrn"], row["phone"], row["birth_date"])
            for row in rows
        ],
    )


def _weights(names: Sequence[str]) -> list[float]:
    """Each name about as often as its place in the list says (Zipf's law)."""
    return list(accumulate(1 / (place + 3) for place in range(len(names))))


def _rare(random: Random) -> str:
    """A name that few others have, as family, house and village names are."""
    return random.choice(_HEADS) + random.choice(_BODIES) + random.choice(_TAILS)
