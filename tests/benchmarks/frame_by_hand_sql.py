"""The month's job as people would write it in SQL of DuckDB, over a table `subscriptions`.

With DuckDB's own dates and nulls; no search for faults, and no guard against an overflow.
"""

from __future__ import annotations

from tests.benchmarks.frame_tables import END, START

MONTH_IN_SQL = f"""
with placed as (
    select *,
        make_timestamp(epoch_us(coalesce(anchor, trial_end))) as begun_,
        epoch_us(change_at) // 1000000 as changed_,
        epoch_us(scheduled_at) // 1000000 as scheduled_,
        interval_months::integer as months_,
        coalesce(new_seats, seats) as new_seats_,
        greatest(0, date_diff('month', begun_, timestamp '2026-10-01'))::integer as behind_
    from subscriptions
), bounded as (
    select *,
        epoch_us(begun_ + to_months(behind_ // months_ * months_ - months_)) // 1000000 as before_,
        epoch_us(begun_ + to_months(behind_ // months_ * months_)) // 1000000 as start_,
        epoch_us(begun_ + to_months(behind_ // months_ * months_ + months_)) // 1000000 as end_
    from placed
), told as (
    select *,
        coalesce(start_ >= {START} and start_ < {END}, false) as due_,
        due_ and restricted as dropped_,
        coalesce(scheduled_ <= start_, false) as waits_,
        new_price is not null or new_seats_ <> seats as news_,
        coalesce(news_ and changed_ < start_, false) as early_,
        coalesce(news_ and changed_ < {END}, false) and not early_ as late_,
        case when trial_end is not null then payment_method else price > 0 end as bills_,
        bills_ and not dropped_ and not (waits_ and scheduled_price = 0) as stays_
    from bounded
), rated as (
    select *,
        case when waits_ and not early_ then scheduled_price else price end as price_,
        (early_ or late_) and new_price is not null as upgraded_,
        case when upgraded_ then new_price else price_ end as new_price_,
        due_ and stays_ as begins_,
        upgraded_ or months_ > 1 as at_once_,
        (early_ or late_) and not (at_once_ and changed_ < {START})
            and not (not at_once_ and early_ and dropped_) as here_
    from told
), parted as (
    select *,
        case when not begins_ then 0 when waits_ then scheduled_price
            when early_ then new_price_ else price_ end as unit_price,
        case when not begins_ then 0 when early_ then new_seats_ else seats end as billed_seats,
        case when not here_ then 0 when early_ then start_ - changed_
            else end_ - changed_ end as seconds_left,
        case when not here_ then 0 when early_ then start_ - before_
            else end_ - start_ end as seconds_whole
    from rated
), lined as (
    select *,
        unit_price * billed_seats as subscription,
        case when here_ then -((2 * price_ * seats * seconds_left + seconds_whole)
            // (2 * seconds_whole)) else 0 end as unused_time,
        case when here_ then (2 * new_price_ * new_seats_ * seconds_left + seconds_whole - 1)
            // (2 * seconds_whole) else 0 end as remaining_time,
        unused_time + remaining_time as lines_,
        here_ and at_once_ as apart_,
        here_ and not at_once_ as joins_
    from parted
), taken as (
    select *,
        case when apart_ and not (due_ and late_) then pending else 0 end as taken_,
        case when apart_ then lines_ + taken_ else 0 end as change_total,
        due_ and not dropped_ as goes_on_,
        case when goes_on_ then pending - taken_ else 0 end as waited_,
        goes_on_ and early_ and joins_ as joined_
    from lined
), totalled as (
    select *,
        waited_ + case when joined_ then lines_ else 0 end + subscription as boundary_total,
        begins_ or joined_ or waited_ <> 0 as issued_,
        early_ and apart_ as change_first_,
        case when change_first_ then change_total else boundary_total end as first_,
        case when change_first_ then boundary_total else change_total end as second_
    from taken
), first_met as (
    select *,
        first_ - credit_balance as owed_,
        case when (change_first_ or issued_) and owed_ >= 50 then owed_ else 0 end as first_due_
    from totalled
), met as (
    select *,
        second_ + owed_ - first_due_ as owed_after_,
        case when change_first_ then issued_ else apart_ end as second_issued_,
        case when second_issued_ and owed_after_ >= 50 then owed_after_ else 0 end as second_due_
    from first_met
)
select price, seats, interval_months, anchor, trial_end, payment_method, restricted,
    scheduled_price, scheduled_at, change_at, new_price, new_seats, pending, credit_balance,
    case when begins_ then make_timestamptz(start_ * 1000000) end as period_start,
    case when begins_ then make_timestamptz(end_ * 1000000) end as period_end,
    unit_price, billed_seats, subscription, unused_time, remaining_time,
    seconds_left, seconds_whole, boundary_total,
    case when change_first_ then second_due_ else first_due_ end as boundary_due,
    change_total,
    case when change_first_ then first_due_ else second_due_ end as change_due,
    issued_::bigint + apart_::bigint as invoices,
    first_due_ + second_due_ as amount_due,
    case when due_ then 0 else pending - taken_ end
        + case when late_ and joins_ then lines_ else 0 end as pending_after,
    second_due_ - owed_after_ as credit_after
from met
"""
