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

stages as (

    select * from {{ ref('stages') }}

),

-- where stages overlap, a report counts as long as one of them takes it
stage_windows as (

    select
        periods.period,
        max(stages.closes_on) as closes_on,
        max(case when stages.late_policy = 'count' then 1 else 0 end) = 1 as is_never_too_late
    from periods
    inner join stages on periods.period between stages.first_period and stages.last_period
    group by periods.period

),

dated as (

    select
        submissions.*,
        coalesce(periods.deadline_at, notices.deadline_at) as deadline_at,
        coalesce(
            not stage_windows.is_never_too_late
            and {{ utc_to_local_date('submissions.submitted_at') }} > stage_windows.closes_on,
            false
        ) as is_after_close
    from submissions
    left join periods on submissions.period = periods.period
    left join notices on submissions.period = notices.notice_id
    left join stage_windows on submissions.period = stage_windows.period

),

judged as (

    select
        *,
        case
            when state <> 'accepted' then 'rejected'
            when review_kind in ('withdrawn', 'returned') then review_kind
            when is_locked then 'locked'
            when is_after_close then 'after_close'
            else 'accepted'
        end as fate
    from dated

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
        is_after_close,
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
    from ranked

)

select * from final
