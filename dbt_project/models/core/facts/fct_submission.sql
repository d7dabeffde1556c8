with submissions as (

    select * from {{ ref('stg_ledger__submission') }}
    where {{ changed_periods_filter('period') }}

),

periods as (

    select
        period,
        deadline_at
    from {{ ref('dim_period') }}

),

-- a feedback answers a notice, which has a deadline of its own and stands where others have the quarter
notices as (

    select
        cast(notice_id as string) as notice_id,
        cast(deadline_at as timestamp) as deadline_at
    from {{ ref('notices') }}

),

judged as (

    select
        *,
        case
            when state <> 'accepted' then 'rejected'
            when review_kind in ('withdrawn', 'returned') then review_kind
            when is_locked then 'locked'
            else 'accepted'
        end as fate
    from submissions

),

ranked as (

    select
        *,
        row_number() over (
            partition by unit_code, period, form, fate
            order by decided_at desc, submitted_at desc, submission_id desc
        ) as rank_number
    from judged

),

dated as (

    select
        ranked.*,
        coalesce(periods.deadline_at, notices.deadline_at) as deadline_at
    from ranked
    left join periods on ranked.period = periods.period
    left join notices on ranked.period = notices.notice_id

),

final as (

    select
        submission_id,
        batch_id,
        channel,
        channel_unit_code,
        unit_code,
        form,
        period,
        file_sha256,
        submitted_at,
        received_at,
        decided_at,
        state,
        reason,
        error_count,
        query_count,
        note_count,
        list_row_count,
        deadline_at,
        is_locked,
        review_kind,
        reviewed_at,
        reviewed_by,
        review_reason,
        case
            when fate <> 'accepted' then fate
            when rank_number = 1 then 'standing'
            else 'superseded'
        end as submission_state,
        fate = 'accepted' and rank_number = 1 as is_standing,
        coalesce(submitted_at > deadline_at, false) as is_late,
        coalesce(state = 'accepted' and list_row_count = 0, false) as is_nil
    from dated

)

select * from final
